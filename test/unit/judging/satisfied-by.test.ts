import { expect, test } from '@jest/globals';
import { control as executionRoleProtected } from '../../../shared/controls/execution-role-protected.ts';
import { control as pipelineShared } from '../../../shared/controls/pipeline-shared.ts';
import { control as trailLogging } from '../../../shared/controls/trail-logging.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import { satisfiedBy } from '../../../shared/judging/satisfied-by.ts';
import { trailFact } from '../../../shared/reader/answers/trails.ts';
import { found } from '../../../shared/reader/read-result.ts';
import type { TrailFact } from '../../../shared/reader/reader.ts';
import { principalFacts } from '../../support/builders/principal-facts.ts';
import { aShare, SHARE_ARN } from '../../support/builders/share.ts';

const ACCOUNT = '111122223333';
const scope = { partition: 'aws', account: ACCOUNT, region: 'eu-west-1' };

const trail = (name: string, selector: { [key: string]: string | boolean }): TrailFact[] => {
  const fact = trailFact(
    {
      TrailARN: `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/${name}`,
      HomeRegion: 'eu-west-1',
      IsMultiRegionTrail: true,
    },
    found({ IsLogging: true }),
    found({ EventSelectors: [selector] }),
  );
  return fact ? [fact] : [];
};

test('a pass of trail-logging names the trail that logs management events, and no trail of data events', () => {
  const trails = [
    ...trail('data', { ReadWriteType: 'All', IncludeManagementEvents: false }),
    ...trail('audit', { ReadWriteType: 'All', IncludeManagementEvents: true }),
  ];
  const facts = { trails: found({ scope, trails, unlisted: [] } as unknown as Facts['trails']) };
  expect(satisfiedBy(trailLogging, facts, { version: 1 }, undefined)).toEqual([
    {
      at: `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/audit`,
      found: expect.stringMatching(/^it logs calls of .*sagemaker\.amazonaws\.com.*, in all Regions$/),
    },
  ]);
});

test('a pass of pipeline-shared tells of principals of the account itself that they are such', () => {
  const arn = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/fraud-daily`;
  const facts = {
    pipeline: found({ name: 'fraud-daily', arn } as unknown as Facts['pipeline']),
    shares: found([aShare({ pipelineArns: [arn], principals: [{ id: ACCOUNT, isExternal: false }] })]),
  };
  expect(satisfiedBy(pipelineShared, facts, { version: 1 }, undefined)).toEqual([
    { at: SHARE_ARN, found: `shared with ${ACCOUNT}, which is of the account itself` },
  ]);
});

test('a pass of execution-role-protected names no statement of somebody whom the configuration lets change roles', () => {
  const changing = {
    allow: [
      { Effect: 'Allow', Action: 'iam:PutRolePolicy', Resource: `arn:aws:iam::${ACCOUNT}:role/apps/*` },
    ],
  };
  const { principals } = principalFacts({
    others: {
      [`arn:aws:iam::${ACCOUNT}:role/platform`]: changing,
      [`arn:aws:iam::${ACCOUNT}:role/audit`]: changing,
    },
  });
  const config = { version: 1 as const, roles: { administrators: ['arn:aws:iam::*:role/platform'] } };
  const facts = { principals: found(principals ?? []) };
  const told = satisfiedBy(executionRoleProtected, facts, config, undefined);
  const statements = told.flatMap(({ found: text }) => (text.includes('it allows') ? text : []));
  expect(statements).toEqual([expect.stringContaining('role/audit: it allows iam:PutRolePolicy')]);
});
