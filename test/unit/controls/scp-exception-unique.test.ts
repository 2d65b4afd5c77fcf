import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/scp-exception-unique.ts';
import { describeCases } from '../../support/builders/cases.ts';
import {
  type ControlCases,
  controlCases,
  type Given,
  mended,
  step,
  verdictsOf,
} from '../../support/builders/control-cases.ts';
import { principalFacts, ROLE, type Stated } from '../../support/builders/principal-facts.ts';

const ETL = 'arn:aws:iam::111122223333:role/etl';
const MAYA = 'arn:aws:iam::111122223333:user/maya';
/** The trust of a role that SageMaker cannot assume, so that no pipeline of any Region runs under it. */
const GLUE = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'glue.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const TAG = { 'pipelines-json-get': 'true' };
const PIPELINES: NonNullable<Stated['pipelines']> = {
  'fraud-daily': { steps: [step('Train', 'Training', { RoleArn: ETL })] },
};

type Case = Stated & { execution?: string[] };

const CHURN = [{ name: 'churn', why: 'DescribePipeline: AccessDenied: no', as: 'execution role' as const }];

const given = ({ execution, ...stated }: Case): Given => {
  const facts = principalFacts({ tags: TAG, pipelines: PIPELINES, ...stated });
  return {
    facts,
    config: {
      scpException: { tagKey: 'pipelines-json-get', tagValue: 'true' },
      ...(execution && { roles: { execution } }),
    },
  };
};

const fails = {
  'a role that no pipeline runs under': {
    arn: ETL,
    trust: GLUE,
    pipelines: {},
    told: {
      evidence: [[`tags of ${ETL}`, 'pipelines-json-get=true, and no pipeline runs under it']],
      expected: 'execution roles of pipelines alone',
      patch: 'aws iam untag-role --role-name etl --tag-keys pipelines-json-get',
    },
  },
  'a role of a step alone': {
    arn: ETL,
    trust: GLUE,
    told: { evidence: [[`tags of ${ETL}`, 'no pipeline runs under it']] },
  },
  'a user': {
    arn: MAYA,
    told: {
      evidence: [[`tags of ${MAYA}`, 'pipelines-json-get=true']],
      patch: 'aws iam untag-user --user-name maya --tag-keys pipelines-json-get',
    },
  },
  'a role that an unread pipeline may use for a step': {
    arn: ETL,
    trust: GLUE,
    unread: CHURN.map((use) => ({ ...use, as: 'step role' as const })),
    told: { evidence: [[`tags of ${ETL}`, 'pipelines-json-get=true']] },
  },
  'the key in other letters, which IAM takes for the same': {
    arn: ETL,
    trust: GLUE,
    tags: { 'Pipelines-JSON-Get': 'true', team: 'etl' },
    told: { evidence: [[`tags of ${ETL}`, 'pipelines-json-get=true']] },
  },
  'a role of the name of an authorised one, under another path': {
    arn: 'arn:aws:iam::111122223333:role/other/fraud',
    trust: GLUE,
    pipelines: {},
    execution: ['arn:aws:iam::111122223333:role/pipelines/*'],
    told: { evidence: [['tags of arn:aws:iam::111122223333:role/other/fraud', 'no pipeline runs']] },
  },
} satisfies ControlCases<Case>['fails'];

describe(control.id, () => {
  controlCases<Case>(control, {
    given,
    passes: {
      'the execution role of a pipeline': {},
      'one that is a step’s role as well': {
        pipelines: { ...PIPELINES, etl: { roleArn: ETL, steps: [] } },
        arn: ETL,
      },
      'a role that is to be one, by the configuration': {
        pipelines: {},
        execution: ['arn:aws:iam::*:role/pipelines/*'],
      },
      'an execution role, whatever other pipelines cannot be read': { unread: CHURN },
    },
    fails: mended(fails),
    isNotAvailable: {
      'a role that no pipeline runs under, of those that could be read': {
        arn: ETL,
        unread: CHURN,
        told: {
          evidence: [
            [`tags of ${ETL}`, 'of those that could be read'],
            ['pipeline churn', 'DescribePipeline: AccessDenied'],
          ],
          remedy: 'Allow sagemaker:DescribePipeline to whoever audits',
        },
      },
      'a role that trusts SageMaker and that no pipeline of this Region uses: another Region’s pipelines may':
        {
          arn: ETL,
          pipelines: {},
          told: { evidence: [[`tags of ${ETL}`, 'pipelines of other Regions may']] },
        },
    },
    isNotApplicable: {
      'no tags': { arn: ETL, tags: {} },
      'another value of the tag': { arn: ETL, tags: { 'pipelines-json-get': 'True' } },
      'another tag': { arn: ETL, tags: { 'pipelines-json': 'true' } },
    },
  });

  test('a step role that pipelines of another Region may run under gets no command, which could break them', () => {
    const [verdict] = verdictsOf(control, given({ arn: ETL }));
    expect(verdict).toMatchObject({ status: 'FAILED' });
    expect(verdict).not.toHaveProperty('remediation.patch');
  });

  test('is not applicable once the tag is taken', () => {
    expect(verdictsOf(control, given({ arn: ETL, tags: {} })).map(({ status }) => status)).toEqual([
      'NOT_APPLICABLE',
    ]);
  });

  describeCases('pipelines/generated', 'a pipeline of the SDK with roles of steps', (folder) => {
    const { Steps } = JSON.parse(readFileSync(`${folder}/02_abalone_prefix_steproles.json`, 'utf8'));
    test.each([
      [ROLE, 'PASSED'],
      ['arn:aws:iam::123456789012:role/TrainRole', 'FAILED'],
      ['arn:aws:iam::123456789012:role/ProcRole', 'FAILED'],
    ])('%s', (arn, status) => {
      const verdicts = verdictsOf(control, given({ arn, pipelines: { abalone: { steps: Steps } } }));
      expect(verdicts.map((verdict) => verdict.status)).toEqual([status]);
    });
  });
});
