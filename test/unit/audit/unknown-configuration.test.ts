import { expect, test } from '@jest/globals';
import { unknownConfigurationFindings } from '../../../shared/audit/configuration-findings.ts';
import { configFor } from '../../../shared/config/config-for.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };

test('an account without a known configuration has one finding, which says why and what to do, and nothing that passes', () => {
  const overrides = [{ organizationalUnits: ['ou-ab12-11111111'], versionFloors: [] }];
  const read = configFor({ version: 1, overrides }, scope);
  if (read.ok) throw new Error('it is known');
  const findings = unknownConfigurationFindings(read.unread, {
    controls: CONTROLS,
    now: () => new Date('2026-11-29T00:00:00Z'),
    reader: { scope },
  });
  expect(findings).toMatchObject([
    {
      control: 'evidence-readable',
      status: 'NOT_AVAILABLE',
      resource: { type: 'account', arn: 'arn:aws:sagemaker:eu-west-1:111122223333:*' },
      evidence: [
        {
          at: 'the configuration (overrides[0].organizationalUnits)',
          found:
            'OrganizationalUnitUnknown: it differs between organizational units, and nothing tells those of the account 111122223333',
        },
      ],
      remediation: { text: expect.stringContaining('organizations:DescribeAccount') },
    },
  ]);
});
