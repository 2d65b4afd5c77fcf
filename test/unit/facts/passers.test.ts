import { expect, test } from '@jest/globals';
import { passersOf } from '../../../shared/facts/passers.ts';
import type { Identity } from '../../../shared/iam/decide/authorization-details.ts';
import { principalFacts, type Stated, trusting } from '../../support/builders/principal-facts.ts';

const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const identityOf = (stated: Stated): Identity => {
  const { principal } = principalFacts(stated);
  if (!principal) throw new Error('no principal');
  return principal.identity;
};
const passing = (name: string, Resource: string, more: object = {}): Identity =>
  identityOf({ arn: arnOf(name), allow: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource, ...more }] });

const CONDITION = { Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } } };
const ALL = [
  passing('any', '*'),
  passing('on-condition', '*', CONDITION),
  passing('another', arnOf('another-role')),
  identityOf({ arn: arnOf('none'), allow: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] }),
];
const passers = (trust: Stated['trust'], identities = ALL) =>
  passersOf(
    identityOf({ arn: arnOf('deployer'), ...(trust !== undefined && { trust }) }),
    { identities } as unknown as Parameters<typeof passersOf>[1],
    {},
  );

test('who may pass a role, or perhaps may, is looked at after the role changed', () => {
  expect(passers(trusting('cloudformation.amazonaws.com'))).toEqual([arnOf('any'), arnOf('on-condition')]);
});

test('nobody is looked at where the role trusts no service, so that passing it leads nowhere', () => {
  expect(passers(trusting('444455556666'))).toEqual([]);
});

test('the role itself is not looked at again, and of very many principals only some are', () => {
  const many = Array.from({ length: 300 }, (_, at) => passing(`p${at}`, '*'));
  const own = passing('deployer', '*');
  const found = passers(trusting('lambda.amazonaws.com'), [own, ...many]);
  expect(found).toHaveLength(200);
  expect(found).not.toContain(arnOf('deployer'));
});
