import { describe, expect, test } from '@jest/globals';
import type { Log, Result } from 'sarif';
import { toSarif } from '../../../../shared/outputs/formats/sarif.ts';
import { lintedPlaces } from '../../../../shared/outputs/places/evidence-places.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { everyFinding, HOSTILE, resultsWith, sayingEverywhere } from '../../../support/builders/results.ts';

const rule = {
  title: 'Steps are isolated',
  severity: 'HIGH' as const,
  description: 'One role per step.',
  risk: 'A step rewrites the input of another.',
  remediation: 'Give each step a role of its own.',
  references: ['https://docs.aws.amazon.com/a', 'https://docs.aws.amazon.com/b'],
  requirements: ['NIST 800-53 AC-6'],
};

const FILE = 'a b/ä.json';
const TEXT = '{\n  "Steps": [\n    {"Name": "Train", "Arguments": {"RoleArn": "role/x"}}\n  ]\n}';

const runOf = (findings: Parameters<typeof resultsWith>[0], own = rule) => {
  const text = toSarif(resultsWith(findings), {
    controls: (id) => (id === 'step-isolation' ? own : undefined),
    version: '1.2.3',
    placeOf: lintedPlaces(new Map([[FILE, TEXT]]), findings),
  });
  const [run] = (JSON.parse(text) as Log).runs;
  if (!run) throw new Error('no run');
  return { ...run, results: run.results ?? [] };
};

const resultOf = (changes: Parameters<typeof aFinding>[0]): Result => {
  const [only] = runOf([aFinding(changes)]).results;
  if (!only) throw new Error('no result');
  return only;
};

const evidence = (at: string) => ({ at, found: 'role/x', expected: 'a listed role' });
const inFile = { resource: { type: 'pipeline', arn: FILE } } as const;

describe('toSarif', () => {
  test('has a rule for each control, with help, and its severity as GitHub sorts by', () => {
    const { tool, results } = runOf([
      aFinding(),
      aFinding({ control: 'gone', severity: 'LOW', title: 'It was.' }),
    ]);
    expect(tool.driver.rules).toEqual([
      {
        id: 'gone',
        name: 'Gone',
        shortDescription: { text: 'It was.' },
        fullDescription: { text: 'It was.' },
        help: { text: 'It was.', markdown: 'It was.' },
        defaultConfiguration: { level: 'note' },
        properties: { tags: ['security', 'sagemaker'], precision: 'very-high', 'security-severity': '2.5' },
      },
      {
        id: 'step-isolation',
        name: 'StepIsolation',
        shortDescription: { text: 'Steps are isolated.' },
        fullDescription: { text: 'One role per step.' },
        help: {
          text: 'One role per step.\nRisk: A step rewrites the input of another.\nRemedy: Give each step a role of its own.\nhttps://docs.aws.amazon.com/a\nhttps://docs.aws.amazon.com/b',
          markdown:
            'One role per step.\n\nRisk: A step rewrites the input of another.\n\nRemedy: Give each step a role of its own.\n\n- <https://docs.aws.amazon.com/a>\n- <https://docs.aws.amazon.com/b>',
        },
        helpUri: 'https://docs.aws.amazon.com/a',
        defaultConfiguration: { level: 'error' },
        properties: {
          tags: ['security', 'sagemaker', 'NIST 800-53 AC-6'],
          requirements: ['NIST 800-53 AC-6'],
          precision: 'very-high',
          'security-severity': '8.0',
        },
      },
    ]);
    for (const { ruleId, ruleIndex = -1 } of results) expect(tool.driver.rules?.[ruleIndex]?.id).toBe(ruleId);
  });

  test('of many requirements, a rule has as many as tags as GitHub shows, and all as a property', () => {
    const requirements = Array.from({ length: 30 }, (_, index) => `NIST 800-53 AC-${index}`);
    const { properties } = runOf([aFinding()], { ...rule, requirements }).tool.driver.rules?.[0] ?? {};
    expect(properties?.tags).toEqual(['security', 'sagemaker', ...requirements.slice(0, 8)]);
    expect(properties?.requirements).toEqual(requirements);
  });

  test('a finding on a file is at the line and column of its evidence', () => {
    const { locations, partialFingerprints } = resultOf({
      ...inFile,
      evidence: [evidence('/Steps/0/Arguments/RoleArn')],
    });
    expect(locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: 'a%20b/%C3%A4.json' },
          region: { startLine: 3, startColumn: 48, endLine: 3, endColumn: 56 },
        },
        logicalLocations: [{ name: FILE, fullyQualifiedName: FILE, kind: 'pipeline' }],
      },
    ]);
    expect(partialFingerprints).toEqual({ 'pipewardenFinding/v1': 'pipewarden/step-isolation/0a1b' });
  });

  test('a missing value is at its container, and evidence without a place at the first line', () => {
    const regions = ['/Steps/0/Arguments/TrainingJobName', 'the file', '/Steps/0/~'].map(
      (at) => resultOf({ ...inFile, evidence: [evidence(at)] }).locations?.[0]?.physicalLocation?.region,
    );
    expect(regions).toEqual([
      { startLine: 3, startColumn: 36 },
      { startLine: 1 },
      { startLine: 3, startColumn: 5 },
    ]);
  });

  test('each place of a finding with several is a location', () => {
    const pointers = ['/Steps/0', '/Steps', '/Steps/0'];
    const { locations = [] } = resultOf({ ...inFile, evidence: pointers.map(evidence) });
    expect(locations.map(({ physicalLocation }) => physicalLocation?.region?.startLine)).toEqual([3, 2]);
  });

  test('a finding on a resource of an account is at no file, unless one is known', () => {
    const arn = 'arn:aws:iam::111122223333:role/fraud';
    expect(resultOf({ resource: { type: 'role', arn }, subject: 'Train' }).locations).toEqual([
      {
        logicalLocations: [
          { name: 'fraud', fullyQualifiedName: arn, kind: 'role' },
          { name: 'Train', fullyQualifiedName: `${arn}#Train`, kind: 'member' },
        ],
      },
    ]);
  });

  test.each([
    [{ severity: 'CRITICAL' }, 'fail', 'error'],
    [{ severity: 'MEDIUM', status: 'WARNING' }, 'fail', 'warning'],
    [{ severity: 'INFORMATIONAL' }, 'fail', 'note'],
    [{ status: 'NOT_AVAILABLE' }, 'open', 'none'],
    [{ status: 'PASSED' }, 'pass', 'none'],
    [{ status: 'NOT_APPLICABLE' }, 'notApplicable', 'none'],
  ] as const)('%p is %s and %s', (changes, kind, level) => {
    expect(resultOf(changes)).toMatchObject({ kind, level, suppressions: [] });
  });

  test('a suppressed finding says why and until when', () => {
    expect(resultOf({ suppression: { reason: 'known', expires: '2026-12-31' } }).suppressions).toEqual([
      { kind: 'external', status: 'accepted', justification: 'until 2026-12-31: known' },
    ]);
  });

  test('no name makes a placeholder or a link of a message, and half a character breaks no parser', () => {
    for (const text of HOSTILE) {
      const [result] = runOf([sayingEverywhere(text)]).results;
      expect(result?.message.text).not.toMatch(/(?<!\{)\{\d+\}|\]\(/);
      expect(JSON.stringify(result)).not.toMatch(/\\ud[89a-f]/i);
    }
  });

  test('every finding is a result of its own', () => {
    const findings = everyFinding();
    const prints = runOf(findings).results.map(
      ({ partialFingerprints }) => partialFingerprints?.['pipewardenFinding/v1'],
    );
    expect(new Set(prints)).toEqual(new Set(findings.map(({ id }) => id)));
  });
});
