import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/pipeline-access-scoped.ts';
import type { JsonObject } from '../../../shared/json/json.ts';
import { controlCases, step } from '../../support/builders/control-cases.ts';
import { principalFacts, type Stated } from '../../support/builders/principal-facts.ts';

const ACCOUNT = '111122223333';
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const pipeline = (name: string) => `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/${name}`;
const [CI, OTHER_CI] = [role('fraud-ci'), role('vision-ci')];
const allow = (
  Action: string | string[],
  Resource: string | string[] = '*',
  Condition?: JsonObject,
): JsonObject => ({ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });
const deny = (Action: string | string[], Resource: string | string[] = '*'): JsonObject => ({
  ...allow(Action, Resource),
  Effect: 'Deny',
});
const TRAIN = [step('Train', 'Training')];
const PIPELINES = {
  'fraud-daily': { roleArn: role('pipelines/fraud'), steps: TRAIN },
  'vision-weekly': { roleArn: role('pipelines/vision'), steps: TRAIN },
  scratch: { roleArn: role('pipelines/scratch'), steps: TRAIN },
};
const TEAMS = {
  roles: {
    creators: [
      { roles: [CI], pipelines: ['fraud-*'] },
      { roles: [OTHER_CI], pipelines: ['vision-*'] },
    ],
  },
};
const pass = (name: string) =>
  allow('iam:PassRole', role(`pipelines/${name}`), {
    StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
  });
/** Two creators whom nothing but the roles that they may pass tells apart. */
const UNTOLD = { roles: { creators: [CI, OTHER_CI] } };
const OTHER = { [OTHER_CI]: [allow('sagemaker:*'), pass('vision')] };

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({ config = TEAMS, ...stated }) => ({
      facts: principalFacts({ arn: CI, pipelines: PIPELINES, config, ...stated }),
      config,
    }),
    passes: {
      'its own pipelines alone': {
        allow: [allow(['sagemaker:UpdatePipeline', 'sagemaker:StartPipelineExecution'], pipeline('fraud-*'))],
      },
      'pipelines of no team': { allow: [allow('sagemaker:UpdatePipeline', pipeline('scratch'))] },
      'everything, and a Deny takes the other team’s': {
        allow: [allow('sagemaker:*'), deny('sagemaker:*', pipeline('vision-*'))],
      },
      'to read the other team’s pipelines': { allow: [allow(['sagemaker:Describe*', 'sagemaker:List*'])] },
      'creators that only roles tell apart, each with its own pipeline': {
        config: UNTOLD,
        creators: OTHER,
        allow: [allow('sagemaker:UpdatePipeline', pipeline('fraud-*')), pass('fraud')],
      },
    },
    fails: {
      'it may update any pipeline': {
        allow: [allow('sagemaker:UpdatePipeline')],
        told: {
          evidence: [
            [`${CI} own/Statement/0`, `allows sagemaker:UpdatePipeline on ${pipeline('vision-weekly')}`],
          ],
          expected: 'not vision-weekly',
          isMended: true,
        },
      },
      'it may do everything': {
        allow: [allow('sagemaker:*')],
        told: {
          evidence: [[`${CI} own/Statement/0`, 'also sagemaker:StartPipelineExecution']],
          isMended: true,
        },
      },
      'it may start versions above a floor': {
        allow: [
          allow('sagemaker:StartPipelineExecution', '*', {
            NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': '6' },
          }),
        ],
        told: { evidence: [[`${CI} own/Statement/0`, 'sagemaker:StartPipelineExecution']], isMended: true },
      },
      'it may retry failed executions': {
        allow: [allow('sagemaker:RetryPipelineExecution', `${pipeline('*')}/execution/*`)],
        told: { evidence: [[`${CI} own/Statement/0`, 'sagemaker:RetryPipelineExecution']], isMended: true },
      },
      'it may delete any pipeline': {
        allow: [allow('sagemaker:DeletePipeline')],
        told: { evidence: [[`${CI} own/Statement/0`, 'sagemaker:DeletePipeline']], isMended: true },
      },
      'it may only stop executions': {
        allow: [allow('sagemaker:StopPipelineExecution')],
        told: {
          severity: 'MEDIUM',
          evidence: [[`${CI} own/Statement/0`, 'sagemaker:StopPipelineExecution']],
          isMended: true,
        },
      },
      'an execution role may start the other team’s pipeline': {
        arn: role('pipelines/fraud'),
        allow: [allow('sagemaker:StartPipelineExecution', pipeline('*'))],
        told: {
          evidence: [[`${role('pipelines/fraud')} own/Statement/0`, pipeline('vision-weekly')]],
          isMended: true,
        },
      },
      'teams that prefixes tell': {
        config: {
          prefixes: [
            { prefix: 'fraud', roles: [CI], pipelines: ['fraud-*'] },
            { prefix: 'vision', roles: [OTHER_CI], pipelines: ['vision-*'] },
          ],
        },
        allow: [allow('sagemaker:UpdatePipeline')],
        told: { evidence: [[`${CI} own/Statement/0`, pipeline('vision-weekly')]], isMended: true },
      },
      'teams that the configuration names': {
        config: {
          teams: [
            { name: 'fraud', roles: [CI], pipelines: ['fraud-*'] },
            { name: 'vision', roles: [OTHER_CI], pipelines: ['vision-*'] },
          ],
        },
        allow: [allow('sagemaker:UpdatePipeline')],
        told: { evidence: [[`${CI} own/Statement/0`, pipeline('vision-weekly')]], isMended: true },
      },
      'creators that only roles tell apart': {
        config: UNTOLD,
        creators: OTHER,
        allow: [allow('sagemaker:*'), pass('fraud')],
        told: {
          evidence: [[`${CI} own/Statement/0`, `sagemaker:UpdatePipeline on ${pipeline('vision-weekly')}`]],
          isMended: true,
        },
      },
    },
    warns: {
      'one of no team may update the pipelines of all teams': {
        arn: role('someone'),
        allow: [allow('sagemaker:UpdatePipeline')],
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${role('someone')} own/Statement/0`, pipeline('fraud-daily')],
            [`${role('someone')} own/Statement/0`, pipeline('vision-weekly')],
          ],
          isMended: false,
          remedy: 'If it is meant to work on these pipelines, name it in roles.creators',
        },
      },
    },
    isNotAvailable: {
      'one that no list names, under a condition that nobody can answer': {
        arn: role('someone'),
        allow: [allow('sagemaker:UpdatePipeline', '*', { StringEquals: { 'aws:SourceVpc': 'vpc-1' } })],
        told: { severity: 'LOW', evidence: [[`${role('someone')} own/Statement/0`, 'aws:SourceVpc']] },
      },
      'pipelines with its own tag alone, as their tags are not known': {
        tags: { team: 'fraud' },
        allow: [
          allow('sagemaker:UpdatePipeline', '*', {
            StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' },
          }),
        ],
        told: { evidence: [[`${CI} own/Statement/0`, 'aws:ResourceTag/team']] },
      },
    },
    isNotApplicable: {
      'pipelines of another prefix of its team, which the configuration names': {
        config: {
          prefixes: [
            { prefix: 'fraud', roles: [CI], pipelines: ['fraud-*'] },
            { prefix: 'fraud-scans', roles: [OTHER_CI], pipelines: ['vision-*'] },
          ],
          teams: [{ name: 'fraud', prefixes: ['fraud'] }],
        },
        allow: [allow('sagemaker:UpdatePipeline', pipeline('vision-*'))],
      },
      'a creator of any pipeline': {
        config: { roles: { creators: [CI, { roles: [OTHER_CI], pipelines: ['*'] }] } },
        allow: [allow('sagemaker:*')],
      },
      'whom the floor excepts': {
        arn: role('release'),
        config: {
          roles: { creators: [{ roles: [OTHER_CI], pipelines: ['vision-*'] }] },
          versionFloors: [{ pipeline: 'vision-*', minimum: 3, except: [role('release')] }],
        },
        allow: [allow('sagemaker:StartPipelineExecution')],
      },
      'no teams are told, and there is one creator': {
        config: { roles: { creators: [CI] } },
        allow: [allow('sagemaker:*')],
      },
      'an administrator': { allow: [allow('*')], isGoverned: false },
    },
  });
});
