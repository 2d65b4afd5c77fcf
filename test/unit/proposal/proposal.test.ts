import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { audit, snapshotReader } from '../../../cli/audit.ts';
import { surveyAccount } from '../../../cli/init.ts';
import { creatorPatterns } from '../../../shared/config/creators.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { identitiesOf } from '../../../shared/iam/decide/authorization-details.ts';
import type { Json } from '../../../shared/json/json.ts';
import { type AccountSurvey, proposeConfig } from '../../../shared/proposal/proposal.ts';
import { surveyPipeline } from '../../../shared/proposal/survey.ts';
import { writeSnapshot } from '../../corpus/account.ts';
import { BASE } from '../../corpus/base.ts';
import { cleanAccount } from '../../corpus/clean-account.ts';
import { QUIET } from '../../corpus/judge.ts';
import { roleArn } from '../../support/builders/events.ts';
import { definitionOf, ROOT, roleDetails, trainStep } from '../../support/commands/cli.ts';

const scope = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };

const pipeline = (name: string, role: string, definition: object) => {
  const parsed = parseDefinition(JSON.stringify(definition));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return surveyPipeline({ name, roleArn: roleArn(role) }, parsed.definition);
};

const propose = (pipelines: AccountSurvey['pipelines'], roles: object[] = [], more: object = {}) => {
  const { identities } = identitiesOf({ RoleDetailList: roles, UserDetailList: [] } as Json);
  const survey = { scope, pipelines, identities, layers: {}, versions: [], unread: [], ...more };
  const { text, remarks } = proposeConfig(survey);
  return { text, remarks, config: parseConfig(text, 'pipewarden.yaml', []) };
};

const creating = (name: string, passed: string, ...more: object[]) =>
  roleDetails(
    name,
    { Effect: 'Allow', Action: 'sagemaker:CreatePipeline', Resource: '*' },
    { Effect: 'Allow', Action: 'iam:PassRole', Resource: roleArn(passed) },
    ...more,
  );

describe('a proposed configuration', () => {
  test('for an empty account consists of comments, which parse', () => {
    const { text, config } = propose([]);
    expect(config).toEqual({ version: 1 });
    expect(text).toContain('# prefixes:\n#   - prefix: team-task\n');
    const uncommented = text.replaceAll(/^# (?=[a-zA-Z]+:| {2})/gm, '');
    expect(Object.keys(parseConfig(uncommented, 'x', []))).toEqual([
      'version',
      'prefixes',
      'roles',
      'imageBuckets',
      'scpException',
    ]);
  });

  test('has prefixes by execution role, with step types and pipelines, and with roles that keep to them', () => {
    const steps = definitionOf(trainStep('ml-a-train', 'steps/a'), trainStep('ml-a-tune', 'steps/a', 'Tune'));
    const training = (name: string) => ({
      Effect: 'Allow',
      Action: 'sagemaker:CreateTrainingJob',
      Resource: `arn:aws:sagemaker:*:*:training-job/${name}`,
    });
    const { config, text } = propose(
      [
        pipeline('a-1', 'team/a', steps),
        pipeline('a-2', 'team/a', steps),
        pipeline('b', 'team/b', definitionOf(trainStep('ml-b-train', 'steps/b'))),
        pipeline('plain', 'team/b', definitionOf(trainStep(undefined, 'steps/b'))),
      ],
      // The one is kept to its prefix. The other may do more, and nobody asked to narrow it.
      [roleDetails('team/a', training('ml-a-*')), roleDetails('team/b', training('*'))],
    );
    expect(text).toContain(`bound to no role, as a role may do more: ${roleArn('team/b')}`);
    expect(config.prefixes).toEqual([
      { prefix: 'ml-a', stepTypes: ['Training'], roles: [roleArn('team/a')], pipelines: ['a-*'] },
      { prefix: 'ml-b-train', stepTypes: ['Training'], pipelines: ['b'] },
      { prefix: 'pipelines', pipelines: ['plain'] },
    ]);
    expect(config.roles).toEqual({
      creators: [],
      execution: [roleArn('team/*')],
      steps: [roleArn('steps/*')],
    });
  });

  test('mentions in a comment what only a run can tell', () => {
    const named = (TrainingJobName: unknown, Name: string) => ({
      Name,
      Type: 'Training',
      Arguments: { TrainingJobName, RoleArn: { Get: 'Parameters.Role' } },
    });
    const definition = {
      Parameters: [
        { Name: 'Role', Type: 'String' },
        { Name: 'Base', Type: 'String', DefaultValue: 'fraud-eval' },
      ],
      ...definitionOf(
        named({ Get: 'Parameters.Base' }, 'A'),
        named({ 'Std:Join': { On: '-', Values: ['night', { Get: 'Execution.StartDateTime' }] } }, 'B'),
        named({ Get: 'Execution.StartDateTime' }, 'C'),
      ),
    };
    const { text, config, remarks } = propose([pipeline('fraud', 'fraud', definition)]);
    expect(config.prefixes?.map(({ prefix }) => prefix)).toEqual(['fraud-eval', 'night']);
    expect(text).toContain('# by the defaults of parameters, which an execution may change: Base\n');
    expect(text).toContain('# only a run tells how they go on: night\n');
    expect(text).toContain('# fraud: the job name at /Steps/2/Arguments/TrainingJobName\n');
    expect(text).toContain('# fraud: the role at /Steps/0/Arguments/RoleArn\n');
    expect(remarks).toContain('not clear before a run: 4 places; see the end');
  });

  test('has as creators who may create and pass, without administrators, who are noted among the roles', () => {
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    const { config, text, remarks } = propose(
      [pipeline('a', 'run/a', definitionOf(trainStep('a-train', 'run/admin')))],
      [
        creating('maker', 'run/a'),
        creating('passes-another', 'run/b'),
        creating('denied', 'run/a', { Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }),
        roleDetails('only-passes', { Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }),
        roleDetails('run/admin', everything),
        roleDetails('run/a'),
      ],
    );
    expect(config.roles).toEqual({
      creators: [{ roles: [roleArn('maker')], pipelines: ['*'] }],
      execution: [roleArn('run/a')],
      steps: [roleArn('run/admin')],
    });
    expect(text).toContain('# an administrator: ');
    expect(remarks).toContain(`look at administrators among the roles: ${roleArn('run/admin')}`);
  });

  test('ties creators to the pipelines that they may make whose role they may pass', () => {
    const making = (name: string, made: string, ...passed: string[]) =>
      roleDetails(
        name,
        {
          Effect: 'Allow',
          Action: 'sagemaker:UpdatePipeline',
          Resource: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${made}`,
        },
        { Effect: 'Allow', Action: 'iam:PassRole', Resource: passed.map((role) => roleArn(role)) },
      );
    const steps = definitionOf(trainStep('x', 'steps/x'));
    const { config } = propose(
      [
        pipeline('fraud-day', 'run/fraud', steps),
        pipeline('fraud-night', 'run/fraud', steps),
        pipeline('vision', 'run/vision', steps),
      ],
      [
        making('ci-all', '*', 'run/fraud', 'run/vision'),
        making('ci-fraud', 'fraud-*', 'run/fraud', 'run/vision'),
        making('ci-new', 'churn-*', 'run/fraud'),
        making('ci-of-one-role', '*', 'run/vision'),
      ],
    );
    expect(config.roles?.creators).toEqual([
      { roles: [roleArn('ci-all')], pipelines: ['*'] },
      { roles: [roleArn('ci-fraud')], pipelines: ['fraud-*'] },
      roleArn('ci-new'),
      { roles: [roleArn('ci-of-one-role')], pipelines: ['vision'] },
    ]);
  });

  test('trusts services of AWS that such roles commonly trust, and nobody else', () => {
    const trusting = (name: string, ...principals: object[]) => ({
      ...roleDetails(name),
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: principals.map((Principal) => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })),
      },
    });
    const { config, text } = propose(
      [pipeline('features', 'run/features', definitionOf(trainStep('features', 'steps/x')))],
      [
        trusting(
          'run/features',
          { Service: ['sagemaker.amazonaws.com', 'scheduler.amazonaws.com', 'glue.amazonaws.com'] },
          { Service: 'ec2.amazonaws.com' },
          { AWS: 'arn:aws:iam::222233334444:root' },
        ),
        trusting('other', { Service: 'datazone.amazonaws.com' }),
      ],
    );
    expect(config.roles?.trusted).toEqual(['glue.amazonaws.com', 'scheduler.amazonaws.com']);
    expect(text).toContain('trusted by 1 role: features');
  });

  test('says that there is none of what the account does not have, if everything was read', () => {
    const found = [pipeline('a', 'run/a', definitionOf(trainStep('a', 'steps/x')))];
    expect(propose(found, [roleDetails('run/a')]).config).toMatchObject({
      roles: { creators: [] },
      versionFloors: [],
      scpException: null,
    });
    const { config } = propose(found, [roleDetails('run/a')], { unread: ['ListPolicies: AccessDenied: no'] });
    expect(Object.keys(config)).toEqual(['version', 'prefixes', 'roles']);
    expect(config.roles).not.toHaveProperty('creators');
  });

  test('has the floors that policies enforce, and in a comment the newest versions of other pipelines', () => {
    const from = (operator: string, value: string, Resource: string) => ({
      Effect: 'Allow',
      Action: 'sagemaker:StartPipelineExecution',
      Resource,
      Condition: { [operator]: { 'sagemaker:PipelineVersionId': value } },
    });
    const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-*';
    const { config, text } = propose(
      [],
      [
        roleDetails('one', from('NumericGreaterThanEquals', '7', arn)),
        roleDetails('two', from('NumericGreaterThan', '4', arn), from('NumericLessThan', '9', arn)),
        roleDetails('three', from('NumericGreaterThanEquals', '1e99', '*')),
      ],
      {
        versions: [
          { pipeline: 'fraud-a', newest: 9 },
          { pipeline: 'other', newest: 3 },
        ],
      },
    );
    expect(config.versionFloors).toEqual([{ pipeline: 'fraud-*', minimum: 5 }]);
    expect(text).toContain('# others say 7\n');
    expect(text).toContain('# versionFloors:\n#   - pipeline: other\n#     minimum: 3\n');
  });

  test('keeps hostile names inside their quotes and comments', () => {
    const hostile = 'x\nversion: 2\u2028# \u001b[31m';
    const step = { ...trainStep('yes', hostile), Type: 'Training' };
    const { config, text } = propose([
      { ...pipeline('on', 'a', definitionOf(step)), name: 'null' },
      { ...pipeline('on', 'a', definitionOf(step)), name: hostile, unclear: [hostile], roleArn: hostile },
    ]);
    expect(config.version).toBe(1);
    expect(config.prefixes?.flatMap(({ prefix, pipelines }) => [prefix, pipelines])).toEqual([
      'yes',
      ['null', hostile].toSorted(),
    ]);
    expect(text).not.toContain('\u001b');
  });
});

const missingLists = async (
  folder: string,
): Promise<{ missing: string[]; config: Config; same: boolean }> => {
  const reader = await snapshotReader(folder);
  const { text } = proposeConfig(await surveyAccount(reader));
  const again = proposeConfig(await surveyAccount(await snapshotReader(folder)));
  const ids = CONTROLS.map(({ id }) => id);
  const config = parseConfig(text, 'pipewarden.yaml', ids);
  const { findings } = await audit(reader, config, undefined, QUIET);
  const missing = findings.flatMap(({ evidence }) =>
    evidence.filter(({ found }) => found.startsWith('not configured')),
  );
  return { missing: missing.map(({ at }) => at), config, same: again.text === text };
};

describe('an audit with the proposed configuration lacks no list', () => {
  test('for the example account', async () => {
    const { missing, config, same } = await missingLists(join(ROOT, 'examples/account'));
    expect({ missing, same }).toEqual({ missing: [], same: true });
    expect(config).toMatchObject({
      roles: {
        creators: [{ roles: [roleArn('data-scientist')], pipelines: ['*'] }],
        execution: [roleArn('pipelines/*')],
      },
      versionFloors: [{ pipeline: '*', minimum: 6 }],
      scpException: { tagKey: 'pipelines-json-get', tagValue: 'true' },
    });
  });

  test('for the clean account of the corpus', async () => {
    const account = cleanAccount(BASE);
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-init-'));
    try {
      await writeSnapshot(account, folder);
      const { missing, config, same } = await missingLists(folder);
      expect({ missing, same }).toEqual({ missing: [], same: true });
      expect(config.scpException).toEqual({ tagKey: 'pipelines-json-get', tagValue: 'true' });
      expect(creatorPatterns(config)).toEqual(creatorPatterns(account.config));
      expect(config.imageBuckets?.names).toEqual(account.config.imageBuckets?.names?.toSorted());
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
