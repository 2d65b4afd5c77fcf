import { describe, expect, test } from '@jest/globals';
import { auditResource } from '../../../shared/audit/audit-resource.ts';
import { configurationFindings } from '../../../shared/audit/configuration-findings.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
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
    }).filter(({ status }) => status !== 'PASSED');

  test('make one finding each, and the controls that need them are NOT_APPLICABLE', async () => {
    const findings = missing({});
    expect(told(findings)).toEqual([
      ['evidence-readable', 'WARNING', 'prefixes'],
      ['evidence-readable', 'WARNING', 'roles.steps'],
      ['evidence-readable', 'WARNING', 'roles.creators'],
      ['evidence-readable', 'WARNING', 'scpException'],
      ['evidence-readable', 'WARNING', 'versionFloors'],
    ]);
    expect(findings[0]).toMatchObject({
      severity: 'INFORMATIONAL',
      resource: { type: 'configuration', arn: 'pipewarden.yaml' },
      evidence: [
        {
          at: 'prefixes',
          found: 'not configured',
          expected: expect.stringContaining('job-name-prefix and pipeline-job-prefix'),
        },
      ],
      remediation: {
        text: expect.stringMatching(
          /^Add prefixes to pipewarden\.yaml, .*: pipewarden init finds what is in use\.$/,
        ),
      },
    });
    const { context } = contextOf(pipelineOf([training('Train'), training('Other')]));
    const { observations } = await auditResource(pipelineRequest(), { ...context, config: { version: 1 } });
    expect(told(observations.flatMap(({ findings: each }) => each))).toEqual([
      ['evidence-readable', 'PASSED'],
      ['job-prefix-length', 'PASSED', 'Train'],
      ['job-prefix-length', 'PASSED', 'Other'],
      ['pipeline-job-prefix', 'NOT_APPLICABLE'],
      ['step-isolation', 'NOT_APPLICABLE'],
      ['step-role-authorised', 'NOT_APPLICABLE'],
      ['version-alias-kept', 'NOT_APPLICABLE'],
    ]);
  });

  test('make no finding once they are configured', () => {
    expect(missing(LISTS)).toEqual([]);
    const roles = { ...LISTS.roles, steps: [], execution: [role('x')] };
    expect(told(missing({ ...LISTS, roles, prefixes: [] }))).toEqual([
      ['evidence-readable', 'WARNING', 'prefixes'],
    ]);
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
