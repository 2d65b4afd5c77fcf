import { describe, expect, test } from '@jest/globals';
import { auditResource } from '../../../shared/audit/audit-resource.ts';
import { configurationFindings } from '../../../shared/audit/configuration-findings.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import {
  contextOf,
  LISTS,
  pipelineOf,
  pipelineRequest,
  role,
  told,
  training,
} from '../../support/builders/audit.ts';

test('the configuration is judged as a resource of its own', () => {
  const roles = (name: string) => ({ roles: [role(name)] });
  const prefixes = [
    { prefix: 'ml', ...roles('core') },
    { prefix: 'ml-fraud', ...roles('fraud') },
  ];
  const { context } = contextOf({}, [], { controls: CONTROLS });
  const judged = (each: typeof prefixes) =>
    configurationFindings({ ...context, config: { ...LISTS, prefixes: each } });
  expect(judged(prefixes)).toMatchObject([
    {
      control: 'prefix-collision',
      status: 'FAILED',
      subject: 'ml',
      resource: { type: 'configuration', arn: 'pipewarden.yaml' },
    },
  ]);
  expect(told(judged(prefixes.slice(1)))).toEqual([['prefix-collision', 'PASSED']]);
});

describe('lists that the configuration lacks', () => {
  const missing = (config: Partial<Config>, controls = CONTROLS) =>
    configurationFindings({
      ...contextOf({}, [], { controls }).context,
      config: { version: 1, ...config },
    }).filter(({ status, control }) => status !== 'PASSED' && control !== 'exceptions-scoped');

  const listsIn = (findings: Finding[]) => findings.flatMap(({ evidence }) => evidence.map(({ at }) => at));

  test('make one finding for all, and the controls that need them are NOT_APPLICABLE', async () => {
    const findings = missing({});
    expect(told(findings)).toEqual([['evidence-readable', 'WARNING']]);
    expect(listsIn(findings).toSorted()).toEqual([
      'prefixes',
      'roles.creators',
      'roles.steps',
      'scpException',
      'versionFloors',
    ]);
    expect(findings[0]).toMatchObject({
      severity: 'INFORMATIONAL',
      resource: { type: 'configuration', arn: 'pipewarden.yaml' },
      evidence: expect.arrayContaining([
        {
          at: 'prefixes',
          found: expect.stringMatching(
            /^not configured: 3 controls cannot judge fully \(job-name-prefix, pipeline-job-prefix, /,
          ),
          expected: 'what is in use, or prefixes: [] if there is none',
        },
        expect.objectContaining({
          at: 'roles.creators',
          expected: 'what is in use, or roles: { creators: [] } if there is none',
        }),
        expect.objectContaining({
          at: 'scpException',
          expected: 'what is in use, or scpException: null if there is none',
        }),
      ]),
      remediation: {
        text: expect.stringContaining('pipewarden init finds what is in use'),
      },
    });
    const { context } = contextOf(pipelineOf([training('Train'), training('Other')]));
    const { observations } = await auditResource(pipelineRequest(), { ...context, config: { version: 1 } });
    expect(told(observations.flatMap(({ findings: each }) => each))).toEqual([
      ['definition-valid', 'NOT_APPLICABLE'],
      ['evidence-readable', 'PASSED'],
      ['job-prefix-length', 'PASSED', 'Train'],
      ['job-prefix-length', 'PASSED', 'Other'],
      ['pipeline-job-prefix', 'NOT_APPLICABLE'],
      ['pipeline-shared', 'PASSED'],
      ['step-isolation', 'NOT_APPLICABLE'],
      ['step-role-authorised', 'NOT_APPLICABLE'],
      ['version-alias-kept', 'NOT_APPLICABLE'],
    ]);
  });

  test('make no finding once they are configured', () => {
    expect(missing(LISTS)).toEqual([]);
    const roles = { ...LISTS.roles, steps: [], execution: [role('x')] };
    expect(listsIn(missing({ ...LISTS, roles, prefixes: undefined }))).toEqual(['prefixes']);
  });

  test.each<[string, Partial<Config>]>([
    ['prefixes', { prefixes: [] }],
    ['roles.creators', { roles: { creators: [] } }],
    ['roles.steps', { roles: { steps: [] } }],
    ['roles.steps', { roles: { execution: [] } }],
    ['versionFloors', { versionFloors: [] }],
    ['scpException', { scpException: null }],
  ])('make no finding of %s where the configuration says that there is none: %j', (list, config) => {
    expect(listsIn(missing({}))).toContain(list);
    expect(listsIn(missing(config))).not.toContain(list);
  });

  test('make no finding if every control that needs them is switched off', () => {
    const off = { enabled: false, reason: 'not here' };
    expect(
      missing({
        controls: Object.fromEntries(
          CONTROLS.filter(({ needs }) => needs.length > 0).map(({ id }) => [id, off]),
        ),
      }),
    ).toEqual([]);
    expect(missing({ controls: { 'evidence-readable': off } })).toEqual([]);
  });

  test('make no finding if evidence-readable, which reports them, is switched off', () => {
    expect(
      missing(
        {},
        CONTROLS.filter(({ id }) => id !== 'evidence-readable'),
      ),
    ).toEqual([]);
  });
});
