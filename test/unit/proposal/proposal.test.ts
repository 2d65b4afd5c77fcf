import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isNode, isSeq, parseDocument } from 'yaml';
import { audit, snapshotReader } from '../../../cli/audit.ts';
import { surveyAccount } from '../../../cli/init.ts';
import { creatorPatterns } from '../../../shared/config/creators.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { NamedRoles } from '../../../shared/definition/named-roles.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { identitiesOf } from '../../../shared/iam/decide/authorization-details.ts';
import { indexPolicies } from '../../../shared/iam/decide/policy-index.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../../shared/json/json.ts';
import { type AccountSurvey, proposeConfig } from '../../../shared/proposal/proposal.ts';
import { surveyPipeline } from '../../../shared/proposal/survey.ts';
import { TO_CONFIRM } from '../../../shared/proposal/yaml-sections.ts';
import { writeSnapshot } from '../../corpus/account.ts';
import { BASE } from '../../corpus/base.ts';
import { cleanAccount } from '../../corpus/clean-account.ts';
import { QUIET } from '../../corpus/judge.ts';
import { roleArn } from '../../support/builders/events.ts';
import { ownConfig } from '../../support/builders/own-config.ts';
import { definitionOf, ROOT, roleDetails, trainStep } from '../../support/commands/cli.ts';

const scope = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };

const pipeline = (name: string, role: string, definition: object, named?: NamedRoles) => {
  const parsed = parseDefinition(JSON.stringify(definition));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return surveyPipeline({ name, roleArn: roleArn(role) }, parsed.definition, named);
};

test.each(['nodes', 'arn:aws:iam::111122223333:instance-profile/ml/nodes'])(
  'the role that instance profile %s holds is a role of steps, not one with the profile’s name',
  (JobFlowRole) => {
    const steps = [{ Name: 'Spark', Type: 'EMR', Arguments: { ClusterConfig: { JobFlowRole } } }];
    const named = {
      roles: new Map([['nodes', roleArn('nodes')]]),
      profiles: new Map([[JobFlowRole, roleArn('ml/instances')]]),
    };
    const told = pipeline('lake', 'pipelines/lake', definitionOf(...steps), named);
    expect([told.stepRoles, told.unclear]).toEqual([[roleArn('ml/instances')], []]);
    const untold = pipeline('lake', 'pipelines/lake', definitionOf(...steps));
    expect([untold.stepRoles, untold.unclear]).toEqual([
      [],
      ['the role of the instance profile at /Steps/0/Arguments/ClusterConfig/JobFlowRole'],
    ]);
  },
);

const propose = (
  pipelines: AccountSurvey['pipelines'],
  roles: object[] = [],
  { managed = [], ...more }: { managed?: object[]; [part: string]: unknown } = {},
) => {
  const { identities, directory } = identitiesOf({
    RoleDetailList: roles,
    UserDetailList: [],
    Policies: managed,
  } as unknown as Json);
  const survey = {
    scope,
    pipelines,
    identities,
    directory,
    layers: {},
    versions: [],
    shares: [],
    cors: new Map(),
    unread: [],
    ...more,
  };
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

  test('has as creators who may create and pass, and no administrator, neither as creator nor as a role of steps', () => {
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
      creators: [{ roles: [roleArn('maker')], pipelines: ['a'] }],
      execution: [roleArn('run/a')],
    });
    expect(text).toContain(
      `# Left out, although in 1 pipeline: a: ${roleArn('run/admin')} is an administrator`,
    );
    expect(remarks).toContain(
      `left out as administrators: ${roleArn('run/admin')}; give these pipelines roles of their own`,
    );
  });

  test('names the administrators, who may make pipelines as well, in a comment and in a remark', () => {
    const READS = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
    const admin = roleDetails('root-of-all', { Effect: 'Allow', Action: '*', Resource: '*' });
    const found = [
      pipeline('fraud', 'pipelines/fraud', definitionOf(trainStep('fraud-train', 'steps/train'))),
    ];
    const { text, remarks, config } = propose(found, [admin, roleDetails('reader', READS)]);
    expect(config.roles?.creators).toEqual([]);
    expect(text).toContain(
      `# Administrators may make pipelines as well. Name in creators those who do, so that an audit judges them:\n# ${roleArn('root-of-all')}\n`,
    );
    expect(remarks).toContain(
      `look at administrators, who may make pipelines as well: name in roles.creators those who do, so that an audit judges them (${roleArn('root-of-all')})`,
    );
    expect(propose(found, [roleDetails('reader', READS)]).remarks.join()).not.toContain(
      'look at administrators',
    );
  });

  const trainedBy = (TrainingJobName: string, TrainingImage: string) => ({
    ...trainStep(TrainingJobName, 'steps/train'),
    Arguments: { TrainingJobName, AlgorithmSpecification: { TrainingImage } },
  });
  const ECR = '763104351884.dkr.ecr.eu-west-1.amazonaws.com';
  test.each<[string, object, string | undefined]>([
    [
      'the SDK takes from an image',
      trainedBy('tensorflow-training', `${ECR}/tensorflow-training:2.16-cpu`),
      'look at prefix tensorflow-training: the SDK gives such names',
    ],
    [
      'is that of a kind of jobs',
      trainedBy('training-job', `${ECR}/tensorflow-training:2.16-cpu`),
      'look at prefix training-job: the SDK gives such names',
    ],
    [
      'is too long for its steps',
      {
        Name: 'Tune',
        Type: 'Tuning',
        Arguments: { HyperParameterTuningJobName: 'fraud-tune', TrainingJobDefinition: {} },
      },
      'look at prefix fraud-tune: too long for Tuning steps, whose base job names have 6 characters at most (job-prefix-length)',
    ],
    ['a team chose', trainedBy('fraud-train', `${ECR}/tensorflow-training:2.16-cpu`), undefined],
  ])('asks to look at a prefix that %s', (_, step, expected) => {
    const { remarks, text } = propose([pipeline('fraud', 'pipelines/fraud', definitionOf(step))]);
    const found = remarks.filter((remark) => remark.startsWith('look at prefix'));
    expect(found).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
    expect(text.includes('# look at it: ')).toBe(expected !== undefined);
  });

  describe('names as taggers whom SCPs let set the tag of the exception', () => {
    const deny = (Action: string, Condition: object) => ({
      Effect: 'Deny',
      Action,
      Resource: '*',
      Condition,
    });
    const perimeter = deny('s3:*', {
      StringNotEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d', 'aws:PrincipalTag/json-get': 'true' },
    });
    const guard = (spared: object, keys: object = { 'aws:TagKeys': 'JSON-get' }) =>
      deny('iam:TagRole', { ...spared, 'ForAnyValue:StringEquals': keys });
    const PLATFORM = { ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::*:role/platform-*'] } };
    const taggersFor = (...Statement: object[]) => {
      const scp = readPolicy({ Version: '2012-10-17', Statement } as unknown as Json, {
        name: 'p',
        kind: 'scp',
      });
      return propose([], [], { layers: { scps: [indexPolicies([scp])] } }).config.scpException;
    };
    test.each<[string, object[], string[] | undefined]>([
      ['by a Deny that spares them', [guard(PLATFORM)], [roleArn('platform-*')]],
      [
        'by all Denies alone',
        [
          guard({ ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::*:role/platform-*', roleArn('ops')] } }),
          guard(PLATFORM),
        ],
        [roleArn('platform-*')],
      ],
      ['not without a Deny', [], undefined],
      ['not by the Deny of another tag', [guard(PLATFORM, { 'aws:TagKeys': 'team' })], undefined],
      [
        'not somebody of another account',
        [guard({ ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::444455556666:role/platform' } })],
        undefined,
      ],
    ])('%s', (_, guards, taggers) => {
      expect(taggersFor(perimeter, ...guards)).toEqual({
        tagKey: 'json-get',
        tagValue: 'true',
        ...(taggers && { taggers }),
      });
    });
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
      { roles: [roleArn('ci-all')], pipelines: ['fraud-*', 'vision'] },
      { roles: [roleArn('ci-fraud')], pipelines: ['fraud-*'] },
      { roles: [roleArn('ci-of-one-role')], pipelines: ['vision'] },
    ]);
  });

  test('ties a creator of very many pipelines to all of them by a star, as nobody reads so many names', () => {
    const pipelines = Array.from({ length: 30 }, (_, at) =>
      pipeline(
        `${String.fromCodePoint(97 + (at % 26))}${at}x`,
        'run/all',
        definitionOf(trainStep('x', 'steps/x')),
      ),
    );
    const { config } = propose(pipelines, [creating('ci', 'run/all')]);
    expect(config.roles?.creators).toEqual([{ roles: [roleArn('ci')], pipelines: ['*'] }]);
  });

  describe('ties who only starts pipelines to them', () => {
    const on = (pipelines: string | string[], ...actions: string[]) => ({
      Effect: 'Allow',
      Action: actions.map((action) => `sagemaker:${action}`),
      Resource: [pipelines].flat().flatMap((name) => {
        const arn = `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}`;
        return [arn, `${arn}/execution/*`];
      }),
    });
    const ci = (team: string) =>
      roleDetails(`ci-${team}`, on(`${team}-*`, 'CreatePipeline', 'UpdatePipeline'), {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: roleArn(`run/${team}`),
      });
    const steps = definitionOf(trainStep('x', 'steps/x'));
    const teams = [
      pipeline('fraud-day', 'run/fraud', steps),
      pipeline('fraud-night', 'run/fraud', steps),
      pipeline('vision-day', 'run/vision', steps),
    ];
    const startersOf = (role: object, makers = [ci('fraud'), ci('vision')]): unknown =>
      propose(teams, [...makers, role]).config.roles?.creators?.filter(
        (entry) => typeof entry === 'string' || !entry.roles[0]?.includes('/ci-'),
      );

    test('if they are of one team: a schedule, and people who retry and stop', () => {
      expect(startersOf(roleDetails('nightly', on('fraud-night', 'StartPipelineExecution')))).toEqual([
        { roles: [roleArn('nightly')], pipelines: ['fraud-night'] },
      ]);
      expect(
        startersOf(
          roleDetails(
            'people',
            on('fraud-*', 'StartPipelineExecution', 'RetryPipelineExecution', 'StopPipelineExecution'),
          ),
        ),
      ).toEqual([{ roles: [roleArn('people')], pipelines: ['fraud-*'] }]);
    });

    test('not if they are of several teams, which an audit tells', () => {
      expect(startersOf(roleDetails('nightly', on('*', 'StartPipelineExecution')))).toEqual([]);
    });

    test('of all teams, if one creator makes the pipelines of all', () => {
      const one = roleDetails('ci-all', on('*', 'CreatePipeline', 'UpdatePipeline'), {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: roleArn('run/*'),
      });
      expect(startersOf(roleDetails('nightly', on('*', 'StartPipelineExecution')), [one])).toEqual([
        { roles: [roleArn('nightly')], pipelines: ['fraud-*', 'vision-day'] },
      ]);
    });

    test('not if it may change or delete some, is an administrator, a role of pipelines, or anybody may assume it', () => {
      const start = on('fraud-night', 'StartPipelineExecution');
      const open = {
        ...roleDetails('open', start),
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
        },
      };
      for (const role of [
        roleDetails('changes', start, on('fraud-night', 'UpdatePipeline')),
        roleDetails('deletes', start, on('vision-day', 'DeletePipeline')),
        roleDetails('administers', { Effect: 'Allow', Action: '*', Resource: '*' }),
        roleDetails('run/fraud', start),
        roleDetails('steps/x', start),
        roleDetails('aws-service-role/x.amazonaws.com/x', start),
        roleDetails('stops', on('fraud-night', 'StopPipelineExecution')),
        open,
      ])
        expect(startersOf(role)).toEqual([]);
    });

    test('not if nobody is known to make pipelines: then no pipeline is another team’s', () => {
      expect(startersOf(roleDetails('nightly', on('fraud-night', 'StartPipelineExecution')), [])).toEqual([]);
    });

    test('and says whom of another account a creator lets in', () => {
      const guest = {
        ...ci('fraud'),
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: 'arn:aws:iam::444455556666:role/tool' },
              Action: 'sts:AssumeRole',
            },
          ],
        },
      };
      expect(propose(teams, [guest]).text).toContain('# account 444455556666 may assume it\n');
    });
  });

  describe('binds a prefix to a role only if the Deny of prefix-policy-enforced would take nothing from it', () => {
    const steps = definitionOf(trainStep('fraud-train', 'steps/x'));
    const job = (kind: string, name: string) => ({
      Effect: 'Allow',
      Action: `sagemaker:Create${kind}`,
      Resource: `arn:aws:sagemaker:*:*:*/${name}`,
    });
    const prefixOf = (...statements: object[]) =>
      propose([pipeline('fraud', 'run/fraud', steps)], [roleDetails('run/fraud', ...statements)]).config
        .prefixes;
    const training = { prefix: 'fraud-train', stepTypes: ['Training'], pipelines: ['fraud'] };

    test('with its step types, if the role creates jobs of no other type', () => {
      expect(prefixOf(job('TrainingJob', 'fraud-train-*'))).toEqual([
        { ...training, roles: [roleArn('run/fraud')] },
      ]);
    });

    test('for all step types, if the role creates jobs of another type under the prefix', () => {
      const { stepTypes: _, ...anyType } = training;
      expect(prefixOf(job('TrainingJob', 'fraud-train-*'), job('Model', 'fraud-train-*'))).toEqual([
        { ...anyType, roles: [roleArn('run/fraud')] },
      ]);
    });

    test('not if the role creates a job of any type elsewhere', () => {
      expect(prefixOf(job('TrainingJob', 'fraud-train-*'), job('Model', 'pipelines-*'))).toEqual([training]);
      expect(prefixOf(job('TrainingJob', 'fraud-train*'))).toEqual([training]);
    });
  });

  describe('names in roles.administrators who deploys the roles of pipelines', () => {
    const within = { StringEquals: { 'iam:PermissionsBoundary': 'arn:aws:iam::111122223333:policy/limits' } };
    const roleCalls = (...Action: string[]) => ({
      Effect: 'Allow',
      Action: Action.map((action) => `iam:${action}`),
      Resource: roleArn('run/*'),
    });
    const steps = definitionOf(trainStep('x', 'run/step'));
    const administratorsWith = (...statements: object[]) =>
      propose(
        [pipeline('a', 'run/a', steps)],
        [bounded('run/a'), bounded('run/step'), roleDetails('deploy', ...statements)],
        { managed: [LIMITS] },
      ).config.roles?.administrators;
    const bounded = (name: string) => ({
      ...roleDetails(name),
      PermissionsBoundary: { PermissionsBoundaryArn: LIMITS.Arn },
    });
    const LIMITS = {
      PolicyName: 'limits',
      Arn: 'arn:aws:iam::111122223333:policy/limits',
      DefaultVersionId: 'v1',
      PolicyVersionList: [
        {
          VersionId: 'v1',
          IsDefaultVersion: true,
          Document: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
          },
        },
      ],
    };

    test('if a boundary keeps the roles that it makes from being administrators', () => {
      expect(
        administratorsWith({
          ...roleCalls('CreateRole', 'PutRolePolicy', 'AttachRolePolicy'),
          Condition: within,
        }),
      ).toEqual([roleArn('deploy')]);
    });

    test('not whoever only writes the policies of roles, or may make administrators', () => {
      expect(administratorsWith({ ...roleCalls('PutRolePolicy'), Condition: within })).toBeUndefined();
      expect(
        administratorsWith(roleCalls('CreateRole', 'PutRolePolicy', 'AttachRolePolicy'), {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Resource: '*',
        }),
      ).toBeUndefined();
    });
  });

  describe('writes one pattern for roles by which a policy of the account lets them be passed', () => {
    const passing = (name: string, pattern: string) =>
      roleDetails(name, { Effect: 'Allow', Action: 'iam:PassRole', Resource: roleArn(pattern) });
    const rolesWith = (...others: object[]) =>
      propose(
        [
          pipeline('a', 'ml-a-exec', definitionOf(trainStep('x', 'ml-a-job'))),
          pipeline('b', 'ml-b-exec', definitionOf(trainStep('x', 'ml-b-job'))),
        ],
        [...['ml-a-exec', 'ml-b-exec', 'ml-a-job', 'ml-b-job'].map((name) => roleDetails(name)), ...others],
      ).config.roles;
    const EXACT = [roleArn('ml-a-exec'), roleArn('ml-b-exec')];

    test('if it covers no other role of the account', () => {
      expect(rolesWith(passing('ci', 'ml-*-exec'))).toMatchObject({
        execution: [roleArn('ml-*-exec')],
        steps: [roleArn('ml-a-job'), roleArn('ml-b-job')],
      });
    });

    test('not if it covers another role, an administrator, a single role or roles of every name', () => {
      const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
      for (const others of [
        [passing('ci', 'ml-*')],
        [passing('ci', 'ml-*-exec'), roleDetails('ml-c-exec')],
        [passing('ci', 'ml-*-exec'), roleDetails('ml-c-exec', everything)],
        [passing('ci', 'ml-a-*')],
        [passing('ci', '*-exec')],
      ])
        expect(rolesWith(...others)?.execution).toEqual(EXACT);
    });
  });

  test('says of a pattern that it covers roles that are made later', () => {
    const { text } = propose(
      [
        pipeline('a', 'ml/a', definitionOf(trainStep('x', 'jobs/a'))),
        pipeline('b', 'ml/b', definitionOf(trainStep('x', 'jobs/b'))),
      ],
      ['ml/a', 'ml/b', 'jobs/a', 'jobs/b'].map((name) => roleDetails(name)),
    );
    const notes = text.match(
      /# it covers whatever role is made under such a name later; .*\n +- arn:.*\*\n/g,
    );
    expect(notes).toHaveLength(2);
  });

  test('writes names in comments as they are, whatever letters they have', () => {
    const image = { ...pipeline('a', 'ml/a', definitionOf()), unclear: ['the role of “Schätzung” in 漢字'] };
    expect(propose([image]).text).toContain('the role of “Schätzung” in 漢字');
  });

  describe('counts among the roles of steps the roles of labelling jobs', () => {
    const labelling = (...actions: string[]) =>
      roleDetails(
        'starter',
        {
          Effect: 'Allow',
          Action: ['CreateLabelingJob', ...actions].map((action) => `sagemaker:${action}`),
          Resource: '*',
        },
        {
          Effect: 'Allow',
          Action: 'iam:PassRole',
          Resource: roleArn('labels'),
          Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
        },
      );
    const proposed = (starter: object, labels: object = roleDetails('labels')) =>
      propose(
        [pipeline('a', 'run/a', definitionOf(trainStep('x', 'step')))],
        [roleDetails('run/a'), roleDetails('step'), labels, starter],
      );

    test('that somebody passes by name who makes no other jobs', () => {
      const { config, text } = proposed(labelling());
      expect(config.roles?.steps).toEqual([roleArn('labels'), roleArn('step')]);
      expect(text).toContain('# found, to be confirmed: for labelling jobs of starter\n');
    });

    test('not those of somebody who makes training jobs too, and no administrator', () => {
      expect(proposed(labelling('CreateTrainingJob')).config.roles?.steps).toEqual([roleArn('step')]);
      const administrator = roleDetails('labels', { Effect: 'Allow', Action: '*', Resource: '*' });
      expect(proposed(labelling(), administrator).config.roles?.steps).toEqual([roleArn('step')]);
    });
  });

  describe('names in sharedWith whom AWS RAM shares pipelines with', () => {
    const share = (id: string, isExternal: boolean, ...actions: string[]) => ({
      arn: 'arn:aws:ram:eu-west-1:111122223333:resource-share/one',
      name: 'one',
      allowsExternal: true,
      pipelineArns: ['arn:aws:sagemaker:eu-west-1:111122223333:pipeline/Fraud'],
      formerPipelineArns: [],
      principals: [{ id, isExternal }],
      permissions: {
        ok: true,
        value: [
          { name: 'p version 1', actions: { ok: true, value: actions.map((each) => `sagemaker:${each}`) } },
        ],
      },
    });
    const shared = (...shares: object[]) =>
      propose([pipeline('fraud', 'run/a', definitionOf(trainStep('x', 'steps/x')))], [], { shares });

    test('if they are accounts, roles or users of the organization that read or run them', () => {
      const { config, text } = shared(
        share('444455556666', false, 'StartPipelineExecution', 'DescribePipeline'),
      );
      expect(config.sharedWith).toEqual([{ principals: ['444455556666'], pipelines: ['fraud'] }]);
      expect(text).toContain('# found, to be confirmed: may read, start, stop and retry 1 pipeline by one');
    });

    test('not whoever is outside, a whole organization, or whoever may do more', () => {
      const organization = 'arn:aws:organizations::777788889999:organization/o-1234567890';
      for (const each of [
        share('444455556666', true, 'DescribePipeline'),
        share(organization, false, 'StartPipelineExecution'),
        share('444455556666', false, 'UpdatePipeline'),
      ]) {
        const { config, text, remarks } = shared(each);
        expect(config).not.toHaveProperty('sharedWith');
        const [{ id } = { id: '' }] = each.principals;
        expect(text).toContain(`# Left out, as nothing shows that this is meant: ${id}`);
        expect(remarks.join()).toContain('left out of sharedWith');
      }
    });
  });

  test('counts a bucket of a manifest as image bucket if it has CORS rules, with the rule of Ground Truth', () => {
    const groundTruth = {
      allowedHeaders: [],
      allowedMethods: ['GET'],
      allowedOrigins: ['*'],
      exposeHeaders: ['Access-Control-Allow-Origin'],
    };
    const found = {
      ...pipeline('labels', 'run/a', definitionOf(trainStep('x', 'steps/x'))),
      imageBuckets: ['frames'],
      manifestBuckets: ['labelled', 'lists'],
    };
    const { config, text } = propose([found], [], { cors: new Map([['labelled', [groundTruth]]]) });
    expect(config.imageBuckets).toEqual({ names: ['frames', 'labelled'], extraRules: ['ground-truth'] });
    expect(text).toContain(
      '# Manifests of images lie in lists. If images lie there too, add these buckets.\n',
    );
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
    const project = (...services: string[]) =>
      propose(
        [pipeline('features', 'run/features', definitionOf(trainStep('features', 'steps/x')))],
        [trusting('run/features', { Service: services })],
      ).config.roles?.trusted;
    expect(project('lakeformation.amazonaws.com', 'datazone.amazonaws.com')).toEqual([
      'datazone.amazonaws.com',
      'lakeformation.amazonaws.com',
    ]);
    expect(project('lakeformation.amazonaws.com')).toBeUndefined();
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

  test('excepts from a floor who releases versions and is held to none, not who only starts them', () => {
    const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
    const may = (name: string, ...Action: string[]) =>
      roleDetails(name, {
        Effect: 'Allow',
        Action: Action.map((action) => `sagemaker:${action}`),
        Resource: [arn, `${arn}/*`],
      });
    const held = roleDetails('held', {
      Effect: 'Allow',
      Action: ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'],
      Resource: arn,
      Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': '4' } },
    });
    const maker = roleDetails(
      'ci',
      { Effect: 'Allow', Action: 'sagemaker:CreatePipeline', Resource: arn },
      { Effect: 'Allow', Action: 'iam:PassRole', Resource: roleArn('run/fraud') },
    );
    const { config, text } = propose(
      [pipeline('fraud', 'run/fraud', definitionOf(trainStep('x', 'steps/x')))],
      [
        maker,
        held,
        may('release', 'StartPipelineExecution', 'UpdatePipelineVersion'),
        may('nightly', 'StartPipelineExecution'),
      ],
    );
    expect(config.versionFloors).toEqual([{ pipeline: 'fraud', minimum: 4, except: [roleArn('release')] }]);
    expect(text).toContain(
      `# excepted, as they release versions and no policy keeps them to it: ${roleArn('release')}\n`,
    );
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

/** The entries of a proposal's lists that carry no mark, by the path of the list. */
const unmarked = (text: string): string[] => {
  const document = parseDocument(text);
  const lists = [
    ['prefixes'],
    ...['creators', 'administrators', 'execution', 'steps', 'trusted'].map((name) => ['roles', name]),
    ['imageBuckets', 'names'],
    ['imageBuckets', 'extraRules'],
    ['sharedWith'],
    ['versionFloors'],
  ];
  return lists.flatMap((path) => {
    const list = document.getIn(path, true);
    if (!isSeq(list)) return [];
    return list.items.flatMap((item, index) => {
      const above = isNode(item) ? (item.commentBefore ?? (index === 0 ? list.commentBefore : '')) : '';
      return above?.trim().startsWith(TO_CONFIRM) ? [] : `${path.join('.')}[${index}]`;
    });
  });
};

const missingLists = async (
  folder: string,
): Promise<{ missing: string[]; config: Config; same: boolean }> => {
  const reader = await snapshotReader(folder);
  const { text } = proposeConfig(await surveyAccount(reader));
  const again = proposeConfig(await surveyAccount(await snapshotReader(folder)));
  expect(unmarked(text)).toEqual([]);
  const ids = CONTROLS.map(({ id }) => id);
  const config = ownConfig(parseConfig(text, 'pipewarden.yaml', ids));
  const { findings } = await audit([reader], config, undefined, QUIET);
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
        creators: [
          { roles: [roleArn('data-scientist')], pipelines: ['fraud-*', 'sandbox-ideas', 'vision-scans'] },
        ],
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
