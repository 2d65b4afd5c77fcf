import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Finding, SEVERITIES, STATUSES } from '../../shared/domain/finding.ts';
import type { ResourceType } from '../../shared/domain/resource.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { toAsff } from '../../shared/outputs/formats/asff.ts';
import { aFinding } from '../support/builders/finding.ts';
import { describeWith } from '../support/jest/tools.ts';
import { pythonProgram } from '../support/python/python-env.ts';
import { faultsOf } from '../support/standins/security-hub.ts';

const scope: Scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };

/** The faults that botocore's model of BatchImportFindings finds in each finding. */
const botocoreFaults = (findings: readonly object[]): string[][] =>
  JSON.parse(
    execFileSync(
      pythonProgram('moto', 'python'),
      [join(import.meta.dirname, '../support/python/validate_asff.py')],
      {
        input: JSON.stringify(findings),
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      },
    ),
  );

const finding = (changes: Partial<Finding> = {}): Finding =>
  aFinding({
    id: `pipewarden/step-role-authorised/${'a'.repeat(64)}`,
    control: 'step-role-authorised',
    severity: 'HIGH',
    title: 'Steps run with authorised roles',
    resource: { type: 'pipeline', arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-train' },
    evidence: [{ at: '/Steps/0/Arguments/RoleArn', found: 'role/other', expected: 'a listed role' }],
    remediation: { text: 'Use a listed role.', patch: '{\n  "RoleArn": "role/steps/train"\n}' },
    firstObservedAt: '2026-11-20T10:00:05.000Z',
    lastObservedAt: '2026-11-20T11:00:05.000Z',
    ...changes,
  });

const asff = (changes: Partial<Finding> = {}, over: Partial<Parameters<typeof toAsff>[1]> = {}) =>
  toAsff(finding(changes), {
    scope,
    control: {
      description: 'A step may run with listed roles only.',
      risk: 'Another role may reach what the pipeline must not.',
      references: ['https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html'],
      requirements: Array.from({ length: 33 }, (_, index) => `NIST 800-53 ${'x'.repeat(index * 4)}`),
    },
    productVersion: '0.1.0',
    updatedAt: '2026-11-20T11:00:06.000Z',
    recordState: 'ACTIVE',
    ...over,
  });

const resources: Record<ResourceType, string> = {
  pipeline: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/p',
  job: 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-train-abc',
  execution: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/p/execution/abcdefghijkl',
  bucket: 'arn:aws:s3:::acme-images',
  role: 'arn:aws:iam::111122223333:role/pipelines/fraud',
  user: 'arn:aws:iam::111122223333:user/ana',
  group: 'arn:aws:iam::111122223333:group/data-scientists',
  policy: 'arn:aws:iam::111122223333:policy/boundary',
  key: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  share: 'arn:aws:ram:eu-west-1:111122223333:resource-share/*',
  organization: 'arn:aws:organizations::111122223333:organization/o-example',
  account: 'arn:aws:organizations::111122223333:account/o-example/111122223333',
  configuration: 'pipewarden.yaml',
  event: 'events.jsonl:17',
  source: 'events.jsonl:17',
};

const hostile = [
  ...['', ' ', '\n', '\u202Egnp.exe', '<script>alert(1)</script>', '\uD800', '\u0000', '__proto__'],
  ...['x', '漢', '😀', '"', '\\', '\u200B', '\uDC00'].map((part) => part.repeat(10_240)),
];

describeWith('moto', 'findings in the AWS Security Finding Format', () => {
  test('botocore accepts every kind of finding', () => {
    const findings = [
      ...STATUSES.flatMap((status) => [asff({ status }), asff({ status }, { recordState: 'ARCHIVED' })]),
      ...SEVERITIES.map((severity) => asff({ severity })),
      ...Object.entries(resources).map(([type, arn]) =>
        asff({ resource: { type: type as ResourceType, arn }, subject: 'Train', principal: resources.role }),
      ),
      ...['aws-cn', 'aws-us-gov', 'aws-iso', 'aws-eusc'].map((partition) =>
        asff({ resource: { type: 'event', arn: 'x' } }, { scope: { ...scope, partition } }),
      ),
      asff({ suppression: { reason: 'known', expires: '2026-12-31' } }),
      asff({ evidence: [], remediation: { text: '' } }, { control: undefined }),
      ...hostile.map((text) =>
        asff({
          title: text,
          subject: text,
          principal: text,
          resource: { type: 'event', arn: text },
          evidence: Array.from({ length: 60 }, () => ({ at: text, found: text, expected: text })),
          remediation: { text, patch: text },
          trigger: { eventId: text, eventName: text, eventTime: text },
          suppression: { reason: text, expires: text },
        }),
      ),
    ];
    expect(botocoreFaults(findings)).toEqual(findings.map(() => []));
    expect(findings.map(faultsOf)).toEqual(findings.map(() => []));
  });

  test('botocore and the stand-in refuse the same mistakes', () => {
    const { Title: _, ...untitled } = asff();
    const [resource] = asff().Resources;
    const mistakes: object[] = [
      untitled,
      { ...asff(), Colour: 'red' },
      { ...asff(), Title: 1 },
      { ...asff(), Title: '' },
      { ...asff(), Title: 'x'.repeat(257) },
      { ...asff(), Description: 'x'.repeat(1025) },
      { ...asff(), Id: 'x'.repeat(513) },
      { ...asff(), AwsAccountId: '' },
      { ...asff(), ProductArn: 'short' },
      { ...asff(), RecordState: 'OPEN' },
      { ...asff(), Compliance: { Status: 'OK' } },
      { ...asff(), Compliance: 'FAILED' },
      { ...asff(), Compliance: { RelatedRequirements: 'x' } },
      { ...asff(), Compliance: { RelatedRequirements: [1] } },
      { ...asff(), FindingProviderFields: { ...asff().FindingProviderFields, Severity: { Label: 'high' } } },
      { ...asff(), Remediation: { Recommendation: { Text: 'x'.repeat(513) } } },
      { ...asff(), Resources: 'x' },
      { ...asff(), Resources: [{ Id: 'x' }] },
      { ...asff(), Resources: [{ ...resource, Partition: 'aws-moon' }] },
      { ...asff(), Resources: [{ ...resource, Region: 'a-region-of-17-ch' }] },
      { ...asff(), Resources: [{ ...resource, Details: { Other: { a: 1 } } }] },
      { ...asff(), Resources: Array.from({ length: 33 }, () => resource) },
      { ...asff(), ProductFields: { a: null } },
    ];
    const accepted = (faults: string[][]) =>
      mistakes.filter((_mistake, index) => faults[index]?.length === 0);
    expect(accepted(botocoreFaults(mistakes))).toEqual([]);
    expect(accepted(mistakes.map(faultsOf))).toEqual([]);
  });
});
