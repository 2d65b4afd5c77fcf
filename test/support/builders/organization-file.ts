import type { OrganizationFile } from '../../../shared/reader/answers/organization-file.ts';

/** The policies of an organization with two units, the inner one of which has an SCP, and an account in each. */
export const organizationFile = (changed: Partial<OrganizationFile> = {}): OrganizationFile => ({
  version: 1,
  asOf: '2026-11-20T10:00:00Z',
  id: 'o-exampleorg',
  managementAccount: '111122223333',
  policies: {
    'p-FullAWSAccess': {
      name: 'FullAWSAccess',
      type: 'SERVICE_CONTROL_POLICY',
      content: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
    },
    'p-nos30000': {
      name: 'no-s3',
      type: 'SERVICE_CONTROL_POLICY',
      content: '{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}',
    },
  },
  targets: {
    'r-ab12': ['p-FullAWSAccess'],
    'ou-ab12-cdefgh34': ['p-FullAWSAccess'],
    'ou-ab12-belowbe1': ['p-FullAWSAccess', 'p-nos30000'],
    '444455556666': ['p-FullAWSAccess'],
    '777788889999': ['p-FullAWSAccess'],
  },
  accounts: {
    '444455556666': 'o-exampleorg/r-ab12/ou-ab12-cdefgh34/',
    '777788889999': 'o-exampleorg/r-ab12/ou-ab12-cdefgh34/ou-ab12-belowbe1/',
  },
  ...changed,
});
