import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../../shared/json/json.ts';
import {
  checkOrganizationFile,
  organizationOfFile,
  parseOrganizationFile,
} from '../../../../shared/reader/answers/organization-file.ts';
import { found } from '../../../../shared/reader/read-result.ts';
import { organizationFile } from '../../../support/builders/organization-file.ts';

const [ONE, BELOW] = ['444455556666', '777788889999'] as const;

describe('the file with the policies of an organization', () => {
  const source = organizationOfFile(organizationFile());

  test('tells the levels of each account, root first, with the time for which they hold', async () => {
    const full = { name: 'FullAWSAccess', document: expect.anything() };
    const document = { Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: '*' }] };
    const path = 'o-exampleorg/r-ab12/ou-ab12-cdefgh34/ou-ab12-belowbe1/';
    expect(await source.policiesOf(BELOW)).toEqual(
      found({
        scps: [
          { target: 'r-ab12', policies: [full] },
          { target: 'ou-ab12-cdefgh34', policies: [full] },
          { target: 'ou-ab12-belowbe1', policies: [full, { name: 'no-s3', document }] },
          { target: BELOW, policies: [full] },
        ],
        rcps: [],
        managementAccount: '111122223333',
        own: { id: 'o-exampleorg', path },
        toldAt: '2026-11-20T10:00:00Z',
      }),
    );
    expect(await source.ownOf(BELOW)).toEqual(found({ id: 'o-exampleorg', path }));
  });

  test('tells nothing of an account that it lacks, which is no pass', async () => {
    for (const account of ['999999999999', '__proto__', 'constructor']) {
      for (const read of [await source.policiesOf(account), await source.ownOf(account)])
        expect(read).toMatchObject({ ok: false, unread: { code: 'NotInFile' } });
      expect(source.hangsOn(account)).toBeUndefined();
    }
  });

  test('tells what an account hangs on', () => {
    expect([...(source.hangsOn(ONE) ?? [])].toSorted()).toEqual(
      [ONE, 'ou-ab12-cdefgh34', 'p-FullAWSAccess', 'r-ab12'].toSorted(),
    );
    expect(source.hangsOn(BELOW)?.has('p-nos30000')).toBe(true);
  });

  test('may hold accounts whose organization uses no type of policies', async () => {
    const none = organizationOfFile(organizationFile({ policies: {}, targets: emptied() }));
    expect(await none.policiesOf(ONE)).toMatchObject(found({ scps: [], rcps: [] }));
  });

  const emptied = () =>
    Object.fromEntries(Object.keys(organizationFile().targets).map((target) => [target, []]));

  const { targets, policies } = organizationFile();
  const { 'ou-ab12-cdefgh34': _, ...fewer } = targets;

  test.each<[string, object, string, RegExp]>([
    ['no version', { version: undefined }, 'version', /expected/],
    ['another version', { version: 2 }, 'version', /./],
    ['no time', { asOf: 'yesterday' }, 'asOf', /./],
    ['a key more', { scps: [] }, 'scps', /no such key/],
    ['no organization', { id: 'acme' }, 'id', /o-exampleorgid/],
    ['an account that is none', { managementAccount: 'me' }, 'managementAccount', /12 digits/],
    [
      'a policy that is none',
      { policies: { ...policies, 'p-x': { ...policies['p-nos30000'], content: '' } } },
      'policies.p-x.content',
      /no policy/,
    ],
    [
      'an unknown policy',
      { targets: { ...targets, 'r-ab12': ['p-other000'] } },
      'targets.r-ab12.0',
      /policies has no p-other000/,
    ],
    ['a unit without its policies', { targets: fewer }, `accounts.${ONE}`, /targets has no ou-ab12-cdefgh34/],
    [
      'an account without its policies',
      { accounts: { ...organizationFile().accounts, '999999999999': 'o-exampleorg/r-ab12/' } },
      'accounts.999999999999',
      /targets has no 999999999999/,
    ],
    [
      'a path elsewhere',
      { accounts: { [ONE]: 'o-other/r-ab12/' } },
      `accounts.${ONE}`,
      /another organization/,
    ],
    ['what is no path', { accounts: { [ONE]: '../r-ab12' } }, `accounts.${ONE}`, /not the path/],
    ['a name that is no account', { accounts: { me: 'o-exampleorg/r-ab12/' } }, 'accounts.me', /12 digits/],
  ])('is refused with %s', (_case, changed, at, message) => {
    const value = JSON.parse(JSON.stringify({ ...organizationFile(), ...changed })) as Json;
    const checked = checkOrganizationFile(value);
    if (checked.ok) throw new Error('it is accepted');
    expect(checked.issues.map((issue) => issue.at.join('.'))).toContain(at);
    expect(checked.issues.find((issue) => issue.at.join('.') === at)?.message).toMatch(message);
  });

  test.each(['', '[]', 'null', '1', '{"version":1', '{"version":1,"version":1}', '"x"'])(
    'is not %j, which is refused with its place',
    (text) => {
      const parsed = parseOrganizationFile(text);
      expect(parsed).toMatchObject({
        ok: false,
        issues: expect.arrayContaining([
          { line: 1, column: expect.any(Number), message: expect.any(String) },
        ]),
      });
    },
  );

  test('names the line and column of a mistake, and no more than twenty', () => {
    const text = JSON.stringify(organizationFile({ asOf: 'yesterday' }), null, 2);
    const parsed = parseOrganizationFile(text);
    expect(parsed).toMatchObject({ ok: false, issues: [{ line: 3, column: 11 }] });
    const accounts = Object.fromEntries(Array.from({ length: 50 }, (_each, index) => [`a${index}`, '']));
    const many = parseOrganizationFile(JSON.stringify({ ...organizationFile(), accounts }));
    expect(many.ok ? 0 : many.issues.length).toBe(20);
  });
});
