import { describe, expect, test } from '@jest/globals';
import { ownersOf } from '../../../shared/authorised/named-teams.ts';
import { homeOf, teamsIn, teamsOf } from '../../../shared/authorised/teams.ts';
import type { Config, FileConfig } from '../../../shared/config/schema.ts';
import { ownConfig } from '../../support/builders/own-config.ts';

const [ONE, OTHER] = ['111122223333', '444455556666'];
const [DEV, PROD] = ['ou-ab12-11111111', 'ou-ab12-22222222'];
const IN_DEV = `o-a1b2c3d4e5/r-ab12/${DEV}/`;
const IN_PROD = `o-a1b2c3d4e5/r-ab12/${PROD}/`;
const role = (name: string, account = ONE) => `arn:aws:iam::${account}:role/${name}`;
const sagemaker = (resource: string, account = ONE) => `arn:aws:sagemaker:eu-west-1:${account}:${resource}`;

const CONFIG: FileConfig = {
  version: 1,
  prefixes: [
    { prefix: 'fraud-train', roles: [role('pipelines/f-train')], pipelines: ['f-daily'] },
    { prefix: 'fraudster', pipelines: ['not-of-fraud'] },
  ],
  teams: [
    { name: 'fraud', prefixes: ['fraud'], resources: ['arn:aws:s3:::fraud-*'] },
    { name: 'vision', pipelines: ['vision-*'], roles: [role('vision', '${account}')] },
    { name: 'sandbox', accounts: [OTHER] },
    { name: 'platform', organizationalUnits: [PROD] },
  ],
};
const of = (arn: string, path?: string | null, more = {}) => ownersOf(CONFIG, { arn, ...more }, path);

describe('a resource is of the team', () => {
  test.each<[string, string, string | undefined]>([
    ['of a prefix in the name of a job', sagemaker('training-job/fraud-train-abc'), 'fraud'],
    ['of a prefix in the name of a pipeline, in any case', sagemaker('pipeline/FRAUD-daily'), 'fraud'],
    ['of a prefix in the name of a role', role('teams/fraud-ci'), 'fraud'],
    ['but not of a longer word', sagemaker('pipeline/fraudster-daily'), undefined],
    ['of the pipelines of an authorised prefix that is the team’s', sagemaker('pipeline/f-daily'), 'fraud'],
    ['of the roles of an authorised prefix that is the team’s', role('pipelines/f-train'), 'fraud'],
    [
      'but not of those of a prefix that begins with the same letters',
      sagemaker('pipeline/not-of-fraud'),
      undefined,
    ],
    ['of the pattern of an ARN', 'arn:aws:s3:::fraud-images', 'fraud'],
    ['of the names of pipelines, also of an execution', sagemaker('pipeline/vision-a/execution/x'), 'vision'],
    ['of a role in the resource’s own account', role('vision'), 'vision'],
    ['of the same role in another account', role('vision', '777788889999'), 'vision'],
    ['of the whole account', sagemaker('pipeline/anything', OTHER), 'sandbox'],
    ['of the first one that fits', sagemaker('pipeline/fraud-daily', OTHER), 'fraud'],
    ['of none', sagemaker('pipeline/sales'), undefined],
  ])('%s', (_, arn, team) => {
    expect(of(arn, IN_DEV)).toEqual({ ...(team && { sure: team }), perhaps: [] });
  });

  test('of the account’s organizational unit', () => {
    expect(of(sagemaker('pipeline/sales'), IN_PROD)).toEqual({ sure: 'platform', perhaps: [] });
    expect(of(sagemaker('pipeline/sales'), null)).toEqual({ perhaps: [] });
  });

  test('of the pipeline and account that more than the ARN tells', () => {
    expect(of('pipeline.json', IN_DEV, { pipeline: 'vision-a' })).toEqual({ sure: 'vision', perhaps: [] });
    expect(of('arn:aws:s3:::images', IN_DEV, { account: OTHER })).toEqual({ sure: 'sandbox', perhaps: [] });
  });

  test('perhaps, where nothing tells the account’s unit, or the account', () => {
    expect(of(sagemaker('pipeline/sales'))).toEqual({ perhaps: ['platform'] });
    expect(of(sagemaker('pipeline/vision-a'))).toEqual({ sure: 'vision', perhaps: [] });
    expect(of('arn:aws:s3:::images')).toEqual({ perhaps: ['sandbox', 'platform'] });
    const reversed = { ...CONFIG, teams: CONFIG.teams?.toReversed() };
    expect(ownersOf(reversed, { arn: sagemaker('pipeline/vision-a') }, undefined)).toEqual({
      sure: 'vision',
      perhaps: ['platform'],
    });
  });
});

describe('to controls, a named team is', () => {
  const configAt = (teams: FileConfig['teams'], account = ONE): Config =>
    ownConfig({ ...CONFIG, teams }, { account, partition: 'aws', path: null });

  test('its roles and pipelines, with those of its prefixes', () => {
    const config = configAt([{ name: 'fraud', prefixes: ['fraud'], roles: [role('ci', '${account}')] }]);
    expect(teamsOf('f-daily', config)).toHaveLength(2);
    expect(homeOf(role('ci'), config)('f-daily')).toBe(true);
    expect(homeOf(role('ci', OTHER), config)('f-daily')).toBe(false);
    expect(homeOf(role('ci'), configAt(undefined))('f-daily')).toBe(false);
  });

  test('nobody where it names no roles or no pipelines', () => {
    const before = teamsIn(configAt(undefined));
    const teams = [
      { name: 'a', pipelines: ['a'] },
      { name: 'b', roles: [role('b')] },
      { name: 'c', accounts: [ONE] },
    ];
    expect(teamsIn(configAt(teams))).toEqual(before);
  });

  test('nobody in an account where it does not work', () => {
    const teams = [{ name: 'a', accounts: [OTHER], pipelines: ['a'], roles: [role('a', '${account}')] }];
    expect(homeOf(role('a'), configAt(teams))('a')).toBe(false);
    expect(homeOf(role('a', OTHER), configAt(teams, OTHER))('a')).toBe(true);
  });
});
