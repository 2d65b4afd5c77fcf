import { describe, expect, test } from '@jest/globals';
import {
  firstAnswering,
  type OrganizationSource,
  sourceOf,
  withOrganization,
} from '../../../shared/reader/organization-source.ts';
import { found, notRead, type Read } from '../../../shared/reader/read-result.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

const ACCOUNT = '444455556666';
const asked: string[] = [];

const source = (name: string, code?: string, path?: string): OrganizationSource => {
  const answer = async <T>(account: string, value: T): Promise<Read<T>> => {
    asked.push(`${name} ${account}`);
    return code === undefined ? found(value) : notRead('DescribeAccount', code, name);
  };
  return {
    policiesOf: (account) => answer(account, { scps: [], rcps: [], managementAccount: name }),
    ownOf: (account) => answer(account, { id: name, ...(path !== undefined && { path }) }),
    forgetBefore: (time) => void asked.push(`${name} forgets ${time}`),
  };
};

describe('of several who may tell of the organization', () => {
  test.each([
    'AccessDeniedException',
    'AccessDenied',
    'AccountNotFoundException',
    'ChildNotFoundException',
    'AWSOrganizationsNotInUseException',
  ])('the next one is asked where the first says %s', async (code) => {
    asked.length = 0;
    const both = firstAnswering(source('hub', code), source('management', code), source('own'));
    expect(await both.policiesOf(ACCOUNT)).toMatchObject(found({ managementAccount: 'own' }));
    expect(await both.ownOf(ACCOUNT)).toEqual(found({ id: 'own' }));
    expect(asked).toEqual(
      ['hub', 'management', 'own', 'hub', 'management', 'own'].map((name) => `${name} ${ACCOUNT}`),
    );
  });

  test('the first one alone is asked where it answers, or where AWS may still answer', async () => {
    asked.length = 0;
    for (const first of [source('hub', undefined, 'o/r/'), source('hub', 'TooManyRequestsException')])
      expect(await firstAnswering(first, source('own')).ownOf(ACCOUNT)).toEqual(await first.ownOf(ACCOUNT));
    expect(asked).not.toContain(`own ${ACCOUNT}`);
  });

  test('the reason of the first one is told where nobody answers', async () => {
    const nobody = firstAnswering(source('hub', 'AccessDenied'), source('own', 'AccessDenied'));
    expect(await nobody.policiesOf(ACCOUNT)).toEqual(notRead('DescribeAccount', 'AccessDenied', 'hub'));
  });

  test('one that knows the path is asked after one that does not, which is better than nobody', async () => {
    const [hub, own] = [source('hub'), source('own', undefined, 'o/r/')];
    expect(await firstAnswering(hub, own).ownOf(ACCOUNT)).toEqual(found({ id: 'own', path: 'o/r/' }));
    for (const others of [[source('own', 'AccessDenied')], [source('own')]])
      expect(await firstAnswering(hub, ...others).ownOf(ACCOUNT)).toEqual(found({ id: 'hub' }));
    expect(await firstAnswering(source('x', 'AccessDenied'), hub).ownOf(ACCOUNT)).toEqual(
      found({ id: 'hub' }),
    );
  });

  test('all forget', () => {
    asked.length = 0;
    firstAnswering(source('hub'), source('own')).forgetBefore(7);
    expect(asked).toEqual(['hub forgets 7', 'own forgets 7']);
  });
});

test('a source answers for a reader on its organization, and on nothing else', async () => {
  const { reader, calls } = memoryReader({ bucketPolicies: { b: null } });
  const given = withOrganization(reader, source('hub'));
  expect(await given.readOrganizationPolicies()).toMatchObject(found({ managementAccount: 'hub' }));
  expect(await given.readOwnOrganization()).toEqual(found({ id: 'hub' }));
  expect(await given.getBucketPolicy('b')).toEqual(found(null));
  expect(calls).toEqual(['getBucketPolicy b']);
});

test('a reader is a source of its own account', async () => {
  const { reader } = memoryReader({ organization: { scps: [], rcps: [] } });
  expect(await sourceOf(reader).policiesOf(ACCOUNT)).toEqual(await reader.readOrganizationPolicies());
  expect(await sourceOf(reader).ownOf(ACCOUNT)).toEqual(await reader.readOwnOrganization());
});
