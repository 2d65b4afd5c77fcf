import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding, Status } from '../../../../shared/domain/finding.ts';
import { CLOSING_KINDS } from '../../../../shared/findings/state.ts';
import { type AsffFinding, batches, toAsff } from '../../../../shared/outputs/formats/asff.ts';
import { cut } from '../../../../shared/text/cut.ts';
import { jsonBytes, oneLine } from '../../../../shared/text/one-line.ts';
import { faultsOf } from '../../../support/standins/security-hub.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const pipelineArn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-train';

const finding = (changes: Partial<Finding> = {}): Finding => ({
  id: `pipewarden/step-role-authorised/${'a'.repeat(64)}`,
  control: 'step-role-authorised',
  status: 'FAILED',
  severity: 'HIGH',
  title: 'Steps run with authorised roles',
  resource: { type: 'pipeline', arn: pipelineArn },
  subject: 'Train',
  evidence: [
    {
      at: '/Steps/0/Arguments/RoleArn',
      found: 'arn:aws:iam::111122223333:role/other',
      expected: 'a listed role',
    },
  ],
  remediation: {
    text: 'Use a listed role.',
    patch: '{ "RoleArn": "arn:aws:iam::111122223333:role/steps/train" }',
  },
  principal: 'arn:aws:iam::111122223333:role/data-scientist',
  trigger: { eventId: 'e-1', eventName: 'UpdatePipeline', eventTime: '2026-11-20T10:00:00Z' },
  firstObservedAt: '2026-11-20T10:00:05.000Z',
  lastObservedAt: '2026-11-20T11:00:05.000Z',
  ...changes,
});

const asff = (
  changes: Partial<Finding> = {},
  context: Partial<Parameters<typeof toAsff>[1]> = {},
): AsffFinding =>
  toAsff(finding(changes), {
    scope,
    control: {
      description: 'A step may run with listed roles only.',
      risk: 'Another role may reach what the pipeline must not.',
      references: [
        'reference/roles.md',
        'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html',
      ],
      requirements: ['NIST 800-53 AC-6', 'SOC 2 CC6.3'],
    },
    productVersion: '0.1.0',
    updatedAt: '2026-11-20T11:00:06.000Z',
    recordState: 'ACTIVE',
    ...context,
  });

const other = (imported: AsffFinding): Record<string, string> => imported.Resources[0].Details.Other;

const patchOf = (imported: AsffFinding): string[] =>
  Object.entries(imported.ProductFields)
    .filter(([key]) => key.startsWith('pipewarden/Patch/'))
    .map(([, value]) => value);

describe('toAsff', () => {
  test('says everything about a failed finding', () => {
    expect(asff()).toEqual({
      SchemaVersion: '2018-10-08',
      Id: finding().id,
      ProductArn: 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default',
      ProductName: 'Pipewarden',
      CompanyName: 'Pipewarden',
      GeneratorId: 'pipewarden/step-role-authorised',
      AwsAccountId: '111122223333',
      CreatedAt: '2026-11-20T10:00:05.000Z',
      UpdatedAt: '2026-11-20T11:00:06.000Z',
      FirstObservedAt: '2026-11-20T10:00:05.000Z',
      LastObservedAt: '2026-11-20T11:00:05.000Z',
      Title: 'Steps run with authorised roles (pipeline fraud-train, Train)',
      Description:
        '/Steps/0/Arguments/RoleArn: found arn:aws:iam::111122223333:role/other; expected a listed role. ' +
        'A step may run with listed roles only. Risk: Another role may reach what the pipeline must not.',
      Remediation: {
        Recommendation: {
          Text: 'Use a listed role.',
          Url: 'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html',
        },
      },
      ProductFields: {
        ProviderName: 'Pipewarden',
        ProviderVersion: '0.1.0',
        'pipewarden/Control': 'step-role-authorised',
        'pipewarden/Status': 'FAILED',
        'pipewarden/ResourceType': 'pipeline',
        'pipewarden/Subject': 'Train',
        'pipewarden/Principal': 'arn:aws:iam::111122223333:role/data-scientist',
        'pipewarden/TriggerEventId': 'e-1',
        'pipewarden/TriggerEventName': 'UpdatePipeline',
        'pipewarden/TriggerEventTime': '2026-11-20T10:00:00Z',
        'pipewarden/Patch/1': '{ "RoleArn": "arn:aws:iam::111122223333:role/steps/train" }',
      },
      Resources: [
        {
          Type: 'Other',
          Id: pipelineArn,
          Partition: 'aws',
          Region: 'eu-west-1',
          Details: {
            Other: {
              ResourceType: 'pipeline',
              Subject: 'Train',
              Principal: 'arn:aws:iam::111122223333:role/data-scientist',
              'Evidence/1/At': '/Steps/0/Arguments/RoleArn',
              'Evidence/1/Found': 'arn:aws:iam::111122223333:role/other',
              'Evidence/1/Expected': 'a listed role',
            },
          },
        },
      ],
      Compliance: { Status: 'FAILED', RelatedRequirements: ['NIST 800-53 AC-6', 'SOC 2 CC6.3'] },
      RecordState: 'ACTIVE',
      FindingProviderFields: {
        Severity: { Label: 'HIGH', Original: 'HIGH' },
        Types: ['Software and Configuration Checks/AWS Security Best Practices'],
      },
    });
  });

  test.each<[Status, 'ACTIVE' | 'ARCHIVED', string]>([
    ['FAILED', 'ACTIVE', 'FAILED'],
    ['WARNING', 'ACTIVE', 'WARNING'],
    ['NOT_AVAILABLE', 'ACTIVE', 'NOT_AVAILABLE'],
    ['NOT_APPLICABLE', 'ACTIVE', 'NOT_AVAILABLE'],
    ['PASSED', 'ACTIVE', 'PASSED'],
    ['PASSED', 'ARCHIVED', 'PASSED'],
    ['FAILED', 'ARCHIVED', 'NOT_AVAILABLE'],
    ['WARNING', 'ARCHIVED', 'NOT_AVAILABLE'],
    ['NOT_AVAILABLE', 'ARCHIVED', 'NOT_AVAILABLE'],
  ])('%s in an %s record is %s', (status, recordState, compliance) => {
    const imported = asff({ status }, { recordState });
    expect([imported.Compliance.Status, imported.RecordState]).toEqual([compliance, recordState]);
    expect(faultsOf(imported)).toEqual([]);
  });

  test.each<[string, string[], string[] | undefined]>([
    ['none', [], undefined],
    ['32 at most', Array(40).fill('SOC 2 CC6.3'), Array(32).fill('SOC 2 CC6.3')],
    ['64 characters at most', ['x'.repeat(65)], [`${'x'.repeat(63)}…`]],
  ])('related requirements: %s', (_title, requirements, related) => {
    const imported = asff({}, { control: { description: 'A.', risk: 'B.', references: [], requirements } });
    expect(imported.Compliance.RelatedRequirements).toEqual(related);
    expect(faultsOf(imported)).toEqual([]);
  });

  test('never lets a suppressed finding be an active or failed one', () => {
    const imported = asff({ suppression: { reason: 'migration', expires: '2026-12-31' } });
    expect([imported.Compliance.Status, imported.RecordState]).toEqual(['NOT_AVAILABLE', 'ARCHIVED']);
    expect(imported.Description).toMatch(/^Suppressed until 2026-12-31: migration\. /);
  });

  test.each(CLOSING_KINDS)(
    'says why a finding is archived that has ended as %s, and only a pass is one',
    (ending) => {
      const remediation = { text: 'Not judged any more: the control is switched off: later.' };
      const imported = asff({ status: 'NOT_AVAILABLE', remediation }, { recordState: 'ARCHIVED', ending });
      expect(imported.Description.startsWith(`${remediation.text} A step may run`)).toBe(true);
      expect([imported.Compliance.Status, imported.RecordState]).toEqual(['NOT_AVAILABLE', 'ARCHIVED']);
      expect(faultsOf(imported)).toEqual([]);
    },
  );

  test('keeps the last verdict of what cannot be judged at the moment, and says since when', () => {
    const unjudged = {
      since: '2026-11-20T08:00:00Z',
      why: 'unread',
      because: 'DescribePipeline: denied',
    } as const;
    const imported = asff({ unjudged });
    expect([imported.Compliance.Status, imported.RecordState]).toEqual(['FAILED', 'ACTIVE']);
    expect(imported.Description).toMatch(
      /^Not judged since 2026-11-20T08:00:00Z \(DescribePipeline: denied\); before that: \S/,
    );
    expect(imported.ProductFields).toMatchObject({
      'pipewarden/NotJudgedSince': unjudged.since,
      'pipewarden/NotJudgedWhy': 'unread: DescribePipeline: denied',
    });
    expect(faultsOf(imported)).toEqual([]);
  });

  test('describes a finding without evidence whose control no longer exists', () => {
    const imported = asff({ evidence: [] }, { control: undefined });
    expect(imported.Description).toBe('Steps run with authorised roles');
    expect(imported.Compliance).toEqual({ Status: 'FAILED' });
    expect(imported.Remediation.Recommendation).toEqual({ Text: 'Use a listed role.' });
    expect(faultsOf(imported)).toEqual([]);
  });

  test.each([
    ['arn:aws:s3:::acme-images', 'bucket', 'acme-images', 'eu-west-1'],
    ['arn:aws:iam::111122223333:role/pipelines/fraud', 'role', 'fraud', 'eu-west-1'],
    ['arn:aws:sagemaker:us-east-1:111122223333:pipeline/p', 'pipeline', 'p', 'us-east-1'],
    ['definitions/train.json', 'pipeline', 'definitions/train.json', 'eu-west-1'],
    ['events.jsonl:17', 'event', 'events.jsonl:17', 'eu-west-1'],
    ['arn:not:an:arn', 'configuration', 'arn:not:an:arn', 'eu-west-1'],
    [`arn:aws:x:${'region'.repeat(5)}:1:y`, 'configuration', 'y', 'eu-west-1'],
  ] as const)('places %s', (arn, type, name, region) => {
    const Type = type === 'role' ? 'AwsIamRole' : 'Other';
    const { subject: _, ...rest } = finding();
    const imported = toAsff(
      { ...rest, resource: { type, arn } },
      {
        scope,
        control: undefined,
        productVersion: '1',
        updatedAt: rest.lastObservedAt,
        recordState: 'ACTIVE',
      },
    );
    expect(imported.Title).toBe(`Steps run with authorised roles (${type} ${name})`);
    expect(imported.Resources[0]).toMatchObject({ Type, Id: arn, Partition: 'aws', Region: region });
    expect(faultsOf(imported)).toEqual([]);
  });

  test('leaves out a partition that the format does not know', () => {
    const imported = asff(
      { resource: { type: 'pipeline', arn: 'file.json' } },
      { scope: { ...scope, partition: 'aws-eusc', region: 'eusc-de-east-1' } },
    );
    expect(imported.Resources[0]).not.toHaveProperty('Partition');
    expect(imported.ProductArn).toMatch(/^arn:aws-eusc:securityhub:eusc-de-east-1:/);
    expect(faultsOf(imported)).toEqual([]);
  });

  test('keeps the name of the resource in the title, whatever else is long', () => {
    const { Title } = asff({ title: 't'.repeat(10_000), subject: 's'.repeat(10_000) });
    expect(Title).toHaveLength(256);
    expect(Title).toMatch(/t… \(pipeline fraud-train, s+…\)$/);
  });

  test('counts the evidence that does not fit into 50 pairs', () => {
    const evidence = Array.from({ length: 40 }, (_, index) => ({
      at: `/${index}`,
      found: 'a',
      expected: 'b',
    }));
    const pairs = other(asff({ evidence }));
    expect(pairs).toMatchObject({ 'Evidence/15/At': '/14', EvidenceOmitted: '25' });
    expect(Object.keys(pairs).length).toBeLessThanOrEqual(50);
  });

  test('leaves out evidence before anything else when a finding nears 240 KB', () => {
    const long = '漢'.repeat(10_000);
    const imported = asff({
      subject: long,
      principal: long,
      evidence: Array.from({ length: 15 }, () => ({ at: long, found: long, expected: long })),
      remediation: { text: long, patch: `"${'漢'.repeat(2048 * 10 - 2)}"` },
      trigger: { eventId: long, eventName: long, eventTime: long },
    });
    expect(jsonBytes(imported)).toBeLessThanOrEqual(240_000);
    expect(Number(other(imported).EvidenceOmitted)).toBeGreaterThan(0);
    expect(patchOf(imported)).toHaveLength(10);
    expect(faultsOf(imported)).toEqual([]);
  });

  describe('a patch', () => {
    test('that is JSON stays the same JSON, on one line and without anything invisible', () => {
      const document = { Sid: 'a\u202Eb\n', Resource: ['x'.repeat(3000), '漢😀'.repeat(900)] };
      const parts = patchOf(
        asff({ remediation: { text: 'Apply.', patch: JSON.stringify(document, null, 2) } }),
      );
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(JSON.parse(parts.join(''))).toEqual(document);
    });

    test('of several commands keeps each on its own line', () => {
      const patch = 'aws iam put-role-policy \\\n  --role-name r\n\naws iam tag-role --role-name r\n';
      expect(patchOf(asff({ remediation: { text: 'Run.', patch } }))).toEqual([
        'aws iam put-role-policy  --role-name r',
        'aws iam tag-role --role-name r',
      ]);
    });

    test('that is too long is left out whole, and that is said', () => {
      const imported = asff({ remediation: { text: 'Apply.', patch: `"${'x'.repeat(30_000)}"` } });
      expect(patchOf(imported)).toEqual([]);
      expect(imported.ProductFields['pipewarden/PatchOmitted']).toBe(
        '30002 characters; the results file has it',
      );
    });

    test.each([undefined, '', ' \n'])('%j is left out', (patch) => {
      const remediation = { text: 'Apply.', ...(patch !== undefined && { patch }) };
      expect(Object.keys(asff({ remediation }).ProductFields).join()).not.toMatch(/Patch/);
    });
  });

  test('makes findings that are accepted and hide nothing, whatever the texts are', () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        '',
        ' ',
        '\n',
        '\u202Egnp.exe',
        '<script>alert(1)</script>',
        '\uD800',
        '__proto__',
        '\uFEFF',
      ),
      fc.constantFrom('x', '漢', '😀', '"', '\\', '\u0000', '\uDC00').map((part) => part.repeat(10_240)),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    const findings = fc.record({
      title: hostile,
      subject: hostile,
      principal: hostile,
      resource: fc.record({ type: fc.constantFrom('pipeline', 'event'), arn: hostile }),
      evidence: fc.array(fc.record({ at: hostile, found: hostile, expected: hostile }), { maxLength: 20 }),
      remediation: fc.record({ text: hostile, patch: hostile }),
      trigger: fc.record({ eventId: hostile, eventName: hostile, eventTime: hostile }),
    });
    const suppressions = fc.option(fc.record({ reason: hostile, expires: hostile }), { nil: undefined });
    fc.assert(
      fc.property(findings, suppressions, (changes, suppression) => {
        const imported = asff({
          ...(changes as Partial<Finding>),
          ...(suppression && { suppression }),
        });
        expect(faultsOf(imported)).toEqual([]);
        expect(JSON.stringify(imported)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]/u);
      }),
      { numRuns: 150 },
    );
  });
});

describe('oneLine', () => {
  test.each([
    ['a\r\n  b\tc', 'a b c'],
    ['two  spaces stay', 'two  spaces stay'],
    ['frau\u200Bd', 'frau\\u200Bd'],
    ['\u202Egnp', '\\u202Egnp'],
    ['\u0000\u007F\u0085x', '\\u0000\\u007F x'],
    ['\u{E0041}', '\\uDB40\\uDC41'],
    ['\uD83D', '\uFFFD'],
    ['😀 עברית', '😀 עברית'],
  ])('%j is %j', (text, line) => {
    expect(oneLine(text)).toBe(line);
  });
});

describe('cut', () => {
  test.each([
    ['abcd', 4, 'abcd'],
    ['abcde', 4, 'abc…'],
    ['ab😀cd', 4, 'ab…'],
    ['ab😀cd', 5, 'ab😀…'],
  ])('%j to %i is %j', (text, max, expected) => {
    expect(cut(text, max)).toBe(expected);
  });
});

describe('batches', () => {
  const sized = (bytes: number): AsffFinding => {
    const imported = asff();
    return {
      ...imported,
      Description: 'x'.repeat(bytes - jsonBytes(imported) + imported.Description.length),
    };
  };

  test('holds 100 findings at most, in order', () => {
    const findings = Array.from({ length: 201 }, (_, index) => ({ ...asff(), Id: String(index) }));
    expect(batches(findings).map(({ length }) => length)).toEqual([100, 100, 1]);
    expect(batches(findings).flat()).toEqual(findings);
    expect(batches([])).toEqual([]);
  });

  test('holds 6 MB of JSON at most', () => {
    const groups = batches(Array.from({ length: 60 }, () => sized(240_000)));
    expect(groups.map(({ length }) => length)).toEqual([24, 24, 12]);
    for (const Findings of groups) expect(jsonBytes({ Findings })).toBeLessThanOrEqual(6_000_000);
    const filling = Array.from({ length: 25 }, () => sized(239_998));
    expect(batches(filling).map((Findings) => jsonBytes({ Findings }))).toEqual([5_999_989]);
  });
});
