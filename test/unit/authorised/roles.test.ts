import { expect, test } from '@jest/globals';
import type { Answer } from '../../../shared/authorised/prefixes.ts';
import { authorisedRoles, isAuthorisedRole } from '../../../shared/authorised/roles.ts';
import type { Config } from '../../../shared/config/schema.ts';

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const OWN = role('pipelines/fraud');
const STEPS = [role('steps/*'), 'arn:aws:iam::*:role/shared'];

test.each<[string, string, Config['roles'], string | undefined, Answer]>([
  ['a listed step role', role('steps/train'), { steps: STEPS }, undefined, 'yes'],
  [
    'a listed role of any account',
    'arn:aws:iam::999988887777:role/shared',
    { steps: STEPS },
    undefined,
    'yes',
  ],
  ['a listed execution role', OWN, { execution: [OWN] }, undefined, 'yes'],
  ['another role', role('admin'), { steps: STEPS }, undefined, 'no'],
  ['another partition', role('shared').replace('aws', 'aws-cn'), { steps: STEPS }, undefined, 'no'],
  ['a longer name', role('shared-2'), { steps: STEPS }, undefined, 'no'],
  ['the pipeline’s own role, with no execution roles listed', OWN, { steps: STEPS }, OWN, 'yes'],
  ['the pipeline’s own role, with others listed', OWN, { execution: [role('x')] }, OWN, 'no'],
  ['no list at all', role('steps/train'), undefined, undefined, 'no'],
  ['a bare name that is listed without path', 'shared', { steps: STEPS }, undefined, 'yes'],
  ['a bare name that may be listed under a path', 'train', { steps: STEPS }, undefined, 'unknown'],
  ['a path and a name, which is no role', 'steps/train', { steps: STEPS }, undefined, 'no'],
  ['a text that cannot be a name', 'a role', { steps: [role('*')] }, undefined, 'no'],
  ['a name that is too long', 'a'.repeat(65), { steps: [role('*')] }, undefined, 'no'],
  ['nothing', '', { steps: [role('*')] }, undefined, 'no'],
  ['a bare name that is not listed', 'admin', { steps: [role('steps/train')] }, undefined, 'no'],
  ['a bare name that is listed without any path', 'anything', { steps: [role('*')] }, undefined, 'yes'],
])('%s', (_, name, roles, own, answer) => {
  expect(isAuthorisedRole(name, { version: 1, ...(roles ? { roles } : {}) }, own)).toBe(answer);
});

test('the authorised roles are those of steps, then execution roles', () => {
  expect(authorisedRoles({ version: 1, roles: { execution: ['b'], steps: ['a'], creators: ['c'] } })).toEqual(
    ['a', 'b'],
  );
  expect(authorisedRoles({ version: 1 })).toEqual([]);
});
