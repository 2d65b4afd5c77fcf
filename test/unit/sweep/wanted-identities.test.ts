import { expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { identitiesOf } from '../../../shared/iam/decide/authorization-details.ts';
import type { Json } from '../../../shared/json/json.ts';
import { wantedIdentities } from '../../../shared/sweep/wanted-identities.ts';
import { roleArn } from '../../support/builders/events.ts';

const allowing = (Action: string): Json => [
  {
    PolicyName: 'p',
    PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
  },
];

const isWanted = (name: string, role: { [key: string]: Json }, config: Omit<Config, 'version'> = {}) => {
  const details = { RoleDetailList: [{ Arn: roleArn(name), RoleName: name, ...role }] };
  const { identities } = identitiesOf(details);
  return identities.map(wantedIdentities([roleArn('steps/used')], config));
};

test.each<[string, string, { [key: string]: Json }, Omit<Config, 'version'>]>([
  ['may pass roles', 'x', { RolePolicyList: allowing('iam:Pass*') }, {}],
  ['may start pipelines', 'x', { RolePolicyList: allowing('sagemaker:StartPipelineExecution') }, {}],
  ['may create jobs', 'x', { RolePolicyList: allowing('sagemaker:CreateTrainingJob') }, {}],
  ['may do whatever it likes', 'x', { RolePolicyList: allowing('*') }, {}],
  ['may tag roles', 'x', { RolePolicyList: allowing('iam:TagRole') }, {}],
  [
    'has a policy that cannot be read',
    'x',
    { AttachedManagedPolicies: [{ PolicyArn: 'arn:aws:iam::1:policy/p' }] },
    {},
  ],
  ['is used by a pipeline', 'steps/used', {}, {}],
  ['is named in the configuration', 'steps/b', {}, { roles: { steps: ['arn:aws:iam::*:role/steps/*'] } }],
  ['has a prefix', 'b', {}, { prefixes: [{ prefix: 'b', roles: ['arn:aws:iam::*:role/b'] }] }],
  [
    'carries the tag of the exception, whatever its value',
    'b',
    { Tags: [{ Key: 'Json-Get', Value: 'x' }] },
    { scpException: { tagKey: 'json-get', tagValue: 'true' } },
  ],
])('a role that %s is looked at', (_, name, role, config) => {
  expect(isWanted(name, role, config)).toEqual([true]);
});

test.each<[string, { [key: string]: Json }]>([
  ['may do nothing', {}],
  ['may read', { RolePolicyList: allowing('s3:GetObject') }],
  ['may describe pipelines', { RolePolicyList: allowing('sagemaker:Describe*') }],
])('a role that %s is not', (_, role) => {
  expect(isWanted('x', role)).toEqual([false]);
});
