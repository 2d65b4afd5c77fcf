import { expect, test } from '@jest/globals';
import {
  identitiesFrom,
  principalEntries,
  writersFrom,
} from '../../../shared/account-index/principal-entries.ts';
import { mayAllow } from '../../../shared/iam/decide/policy-index.ts';
import type { Json } from '../../../shared/json/json.ts';

const ARN = 'arn:aws:iam::111122223333:role/notebook';
const allow = (Action: string, Resource = '*'): Json => ({ Effect: 'Allow', Action, Resource });
const inline = (...Statement: Json[]): Json => ({
  PolicyName: 'own',
  PolicyDocument: { Version: '2012-10-17', Statement },
});

const entriesOf = (policies: Json[], over: Record<string, Json> = {}) =>
  principalEntries(
    { RoleDetailList: [{ Arn: ARN, RoleName: 'notebook', RolePolicyList: policies, ...over }] },
    1,
  );

const indexIn = ({ identities }: ReturnType<typeof identitiesFrom>) => {
  const index = identities[0]?.policies.identity;
  if (!index) throw new Error('there is no identity');
  return index;
};

test('an outline tells what looks at others ask, each statement at its place', () => {
  const entries = entriesOf([
    inline(allow('s3:GetObject'), allow('iam:PassRole', `${ARN}-job`), allow('sqs:SendMessage')),
  ]);
  const [found] = indexIn(identitiesFrom(entries)).candidates('iam:passrole').allows;
  expect(found?.statement.pointer).toBe('/Statement/1');
  expect(JSON.stringify([...entries.principals])).not.toContain('sqs');
});

test('a question of which an outline does not tell is an error, and not a no', () => {
  const index = indexIn(identitiesFrom(entriesOf([inline(allow('s3:PutObject'))])));
  expect(() => index.candidates('s3:putobject')).toThrow(
    `the outline of ${ARN} does not tell about s3:putobject`,
  );
  expect(mayAllow(index, 's3:PutObject')).toBe(true);
  expect(mayAllow(index, 'iam:PutRolePolicy')).toBe(false);
  expect(index.candidates('iam:putrolepolicy').allows).toEqual([]);
});

test('the error names whom it is about, also where the outline tells something of him', () => {
  const index = indexIn(identitiesFrom(entriesOf([inline(allow('iam:PassRole'), allow('s3:PutObject'))])));
  expect(() => index.candidates('s3:putobject')).toThrow(
    `the outline of ${ARN} does not tell about s3:putobject`,
  );
  expect(mayAllow(index, 's3:PutObject')).toBe(true);
  expect(index.candidates('iam:passrole').allows).toHaveLength(1);
});

test('what a principal writes in S3 is told to whoever asks for writers', () => {
  const entries = entriesOf([inline(allow('s3:PutObject'), allow('sqs:SendMessage'))]);
  const outline = identitiesFrom(entries);
  const asked = indexIn(writersFrom(outline, entries, entries.writers, () => true));
  expect(asked.candidates('s3:putobject').allows).toHaveLength(1);
  expect(() => asked.candidates('sqs:sendmessage')).toThrow('does not tell about sqs:sendmessage');
  const others = indexIn(writersFrom(outline, entries, entries.writers, () => false));
  expect(() => others.candidates('s3:putobject')).toThrow('does not tell about s3:putobject');
});

test('a document as IAM gives it, URL-encoded, is left out like any other', () => {
  const document = encodeURIComponent(
    JSON.stringify({ Version: '2012-10-17', Statement: [allow('sqs:SendMessage')] }),
  );
  const entries = entriesOf([{ PolicyName: 'own', PolicyDocument: document }]);
  expect(JSON.stringify([...entries.principals])).not.toContain('sqs');
  expect(JSON.stringify([...entries['whole-principals']])).toContain('sqs');
});

test('a policy that cannot be read stays as it is, and so unknown', () => {
  const index = indexIn(identitiesFrom(entriesOf([{ PolicyName: 'own', PolicyDocument: '{' }])));
  expect(index.unreadable).toHaveLength(1);
});

test('no field of a policy makes its document left out', () => {
  const document = { Version: '2012-10-17', Statement: [allow('iam:*')] };
  const index = indexIn(
    identitiesFrom(
      entriesOf([
        { PolicyName: 'own', PolicyDocument: document, IsLeftOut: true },
        inline(allow('sqs:SendMessage')),
      ]),
    ),
  );
  expect(index.candidates('iam:putrolepolicy').allows).toHaveLength(1);
});
