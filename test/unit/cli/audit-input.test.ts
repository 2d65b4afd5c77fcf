import { describe, expect, test } from '@jest/globals';
import { type AuditInputOptions, checkAuditInput } from '../../../cli/audit-input.ts';

const ROLE = 'arn:aws:iam::$' + '{account}:role/PipewardenReader';
const ONE = ['111122223333'];
const TWO = [...ONE, '444455556666'];

describe('what an audit reads', () => {
  test.each<[string, AuditInputOptions]>([
    ['a snapshot', { snapshot: ['a'] }],
    ['several snapshots', { snapshot: ['a', 'b'] }],
    ['the account of the credentials', { live: true, region: 'eu-west-1' }],
    ['its Regions', { regions: ['eu-west-1', 'us-east-1'] }],
    [
      'its Regions, with its SCPs from a file',
      { live: true, regions: ['eu-west-1'], organizationPolicies: 'scps.json' },
    ],
    ['a snapshot, with its SCPs from a file', { snapshot: ['a'], organizationPolicies: 'scps.json' }],
    ['accounts, with the SCPs of all from a file', { accounts: TWO, organizationPolicies: 'all.json' }],
    ['some accounts', { accounts: TWO, regions: ['eu-west-1'], roleArn: ROLE, externalId: 'x' }],
    ['one account by one role', { accounts: ONE, roleArn: 'arn:aws:iam::111122223333:role/audit/Reader' }],
    ['the organization', { organization: true, profile: 'audit' }],
    ['the organization, as it is live', { live: true, organization: true }],
  ])('may be %s', (_, options) => {
    expect(() => checkAuditInput(options)).not.toThrow();
  });

  test('that is missing is told with what else may be given, unless an account is named twice', () => {
    expect(() => checkAuditInput({}, '; or a template')).toThrow(/--organization; or a template$/);
    expect(() => checkAuditInput({ snapshot: ['a'], live: true }, '; or a template')).toThrow(
      /--organization$/,
    );
  });

  test.each<[string, AuditInputOptions, RegExp]>([
    ['nothing', {}, /^give --snapshot DIR, or what to read live/],
    ['a snapshot and an account', { snapshot: ['a'], live: true }, /^give --snapshot DIR/],
    ['a snapshot and Regions', { snapshot: ['a'], regions: ['eu-west-1'] }, /^give --snapshot DIR/],
    ['a Region of a snapshot', { snapshot: ['a'], region: 'eu-west-1' }, /a snapshot says itself/],
    ['accounts and the organization', { organization: true, accounts: ONE }, /not both/],
    ['one Region and several', { region: 'eu-west-1', regions: ['us-east-1'] }, /not both/],
    ['a Region that is none', { regions: ['eu-west-11'] }, /eu-west-11 is no Region.*eu-west-1/],
    ['an account’s name', { accounts: ['production'] }, /production is not the number of an account/],
    ['no Region, from a variable that is not set', { regions: [] }, /--regions: the list is empty/],
    ['no account', { accounts: [] }, /--accounts: the list is empty/],
    ['a role without accounts', { live: true, roleArn: ROLE }, /go with --accounts or --organization/],
    ['a role’s name', { accounts: ONE, roleArn: 'PipewardenReader' }, /is not the ARN of a role/],
    [
      'one role for two accounts',
      { accounts: TWO, roleArn: 'arn:aws:iam::111122223333:role/R' },
      /in place of its number/,
    ],
    [
      'one role for the organization',
      { organization: true, roleArn: 'arn:aws:iam::111122223333:role/R' },
      /in place of its number/,
    ],
  ])('cannot be %s', (_, options, message) => {
    expect(() => checkAuditInput(options)).toThrow(message);
  });
});
