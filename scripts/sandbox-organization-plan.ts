import {
  FOUND,
  findingStep,
  list,
  NAME,
  outputIn,
  type Phase,
  type Plan,
  type Step,
  sweepSucceeded,
  text,
} from './sandbox-steps.ts';

/** The sandbox: an organization that nobody else works in. */
export type OrganizationSandbox = Readonly<
  Record<'hub' | 'management' | 'member', { profile: string; account: string }>
> & {
  region: string;
  /** The root of the organization, a unit below it, and two accounts: `member` and `excluded` are in the unit, `outside` is not. */
  root: string;
  unit: string;
  excluded: string;
  outside: string;
};

/** The sandbox for which `--plan` prints the plan without a file. */
export const ORGANIZATION_EXAMPLE: OrganizationSandbox = {
  hub: { profile: 'hub', account: '111122223333' },
  management: { profile: 'management', account: '222233334444' },
  member: { profile: 'member', account: '444455556666' },
  region: 'eu-west-1',
  root: 'r-ab12',
  unit: 'ou-ab12-cdefgh34',
  excluded: '777788889999',
  outside: '888899990000',
};

/** StackSets set one account up after the other. */
const DEPLOYING = 60;

const TAG = { key: NAME, value: 'image-bucket' };
const EXCEPTION = 'pipewarden-smoke-json-get';

/** What is made in the member, each a thing that one of the six systems rejects, and that nothing runs. */
export const madeIn = ({ member: { account }, region }: Pick<OrganizationSandbox, 'member' | 'region'>) => {
  const role = (name: string): string => `arn:aws:iam::${account}:role/${NAME}-${name}`;
  const bucket = `${NAME}-${account}-${region}`;
  const allow = (statement: object) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', ...statement }],
  });
  return {
    bucket,
    executionRole: {
      arn: role('execution'),
      // EC2 in place of SageMaker, and no version floor on what may be started.
      trust: allow({ Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }),
      policy: allow({
        Action: 'sagemaker:StartPipelineExecution',
        Resource: `arn:aws:sagemaker:${region}:${account}:pipeline/${NAME}`,
      }),
    },
    stepRole: role('step'),
    pipeline: {
      arn: `arn:aws:sagemaker:${region}:${account}:pipeline/${NAME}`,
      definition: {
        Version: '2020-12-01',
        Steps: [
          { Name: 'Train', Type: 'Training', Arguments: { RoleArn: role('step') } },
          {
            Name: 'Good',
            Type: 'Condition',
            Arguments: {
              Conditions: [
                {
                  Type: 'Equals',
                  LeftValue: { 'Std:JsonGet': { S3Uri: `s3://${bucket}/metrics.json`, Path: 'good' } },
                  RightValue: true,
                },
              ],
              IfSteps: [],
              ElseSteps: [],
            },
          },
        ],
      },
    },
    // Denies one bucket of the sandbox alone, from outside a network that does not exist.
    scp: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${bucket}/*`,
          Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-00000000000000000' } },
        },
      ],
    },
  };
};

/** The control that each of the six systems rejects something with, and on what. */
export const expectedFindings = (
  sandbox: Pick<OrganizationSandbox, 'member' | 'region'>,
): readonly { system: string; control: string; resource: string }[] => {
  const { executionRole, pipeline, bucket } = madeIn(sandbox);
  return [
    { system: 'execution roles', control: 'execution-role-trust', resource: executionRole.arn },
    { system: 'step roles', control: 'step-role-authorised', resource: pipeline.arn },
    { system: 'CORS of image buckets', control: 'image-bucket-cors', resource: `arn:aws:s3:::${bucket}` },
    { system: 'job prefixes', control: 'pipeline-job-prefix', resource: pipeline.arn },
    { system: 'pipeline versions', control: 'version-floor-enforced', resource: executionRole.arn },
    {
      system: 'SCPs',
      control: 'scp-json-get-exception',
      resource: `arn:aws:organizations::${sandbox.member.account}:organization`,
    },
  ];
};

/** The configuration: first a unit, whose accounts AWS sets up by itself; then without one of its accounts, and with one from outside. */
export const sandboxConfig = (
  { region, unit, excluded, outside }: OrganizationSandbox,
  accounts: 'of the unit' | 'others, too',
): object => ({
  version: 1,
  organization: {
    regions: [region],
    organizationalUnits: [unit],
    ...(accounts === 'others, too' && { accounts: [outside], exclude: [excluded] }),
  },
  prefixes: [{ prefix: NAME, pipelines: [NAME] }],
  roles: {
    execution: [`arn:aws:iam::\${account}:role/${NAME}-execution`],
    steps: [`arn:aws:iam::\${account}:role/${NAME}-authorised`],
  },
  imageBuckets: { tags: { [TAG.key]: TAG.value } },
  versionFloors: [{ pipeline: NAME, minimum: 2 }],
  scpException: { tagKey: EXCEPTION, tagValue: 'true' },
});

/** Where the two configurations are written, below the folder of the run. */
const CONFIGS = { 'of the unit': 'unit.yaml', 'others, too': 'accounts.yaml' } as const;

const isSetUp =
  (wanted: readonly string[], unwanted: readonly string[]) =>
  (answer: unknown): string | undefined => {
    const current = new Set(
      list(answer, 'Summaries').flatMap((each) =>
        text(each, 'Status') === 'CURRENT' ? text(each, 'Account') : [],
      ),
    );
    const missing = wanted.filter((account) => !current.has(account));
    const extra = unwanted.filter((account) => current.has(account));
    if (missing.length > 0) return `no current stack in ${missing.join(', ')}`;
    return extra.length > 0 ? `there is a stack in ${extra.join(', ')}` : undefined;
  };

/** Everything that a run does, in its order. It is undone from the end to the beginning. */
export const organizationPlan = (sandbox: OrganizationSandbox): Plan => ({
  phases: phasesOf(sandbox),
  files: Object.fromEntries(
    Object.entries(CONFIGS).map(([accounts, name]) => [
      name,
      JSON.stringify(sandboxConfig(sandbox, accounts as keyof typeof CONFIGS)),
    ]),
  ),
});

const phasesOf = (sandbox: OrganizationSandbox): readonly Phase[] => {
  const { hub, member, region, excluded, outside } = sandbox;
  const made = madeIn(sandbox);
  const suffix = `${hub.account}-${region}`;
  const callAs = ['--call-as', hub.account === sandbox.management.account ? 'SELF' : 'DELEGATED_ADMIN'];
  const inRegion = ['--region', region];
  const [execution, step] = [`${NAME}-execution`, `${NAME}-step`];
  const json = (value: unknown): string => JSON.stringify(value);
  const inMember = ({ system, control, resource }: ReturnType<typeof expectedFindings>[number]): Step =>
    findingStep(
      { by: 'member', region },
      { title: `${system}: ${control} on ${resource}`, control, resource },
    );
  const deploy = (accounts: keyof typeof CONFIGS, ...more: string[]): readonly string[] => [
    ...[
      'pipewarden',
      'deploy',
      '--profile',
      hub.profile,
      ...inRegion,
      '--config',
      CONFIGS[accounts],
      ...more,
    ],
  ];
  const instances = (set: string, wanted: readonly string[], unwanted: readonly string[]): Step => ({
    title: `StackSet ${set}: stacks in ${wanted.join(', ')}, and none in ${unwanted.join(', ')}`,
    by: 'hub',
    command: [
      ...['aws', 'cloudformation', 'list-stack-instances', ...inRegion, ...callAs],
      ...['--stack-set-name', `${set}-${suffix}`],
    ],
    check: { wrong: isSetUp(wanted, unwanted), atMostMinutes: 30 },
  });
  const sets = (wanted: readonly string[], unwanted: readonly string[]): Step[] =>
    ['PipewardenMemberRoles', 'PipewardenMemberRules'].map((set) => instances(set, wanted, unwanted));
  return [
    {
      title: 'Deploy for a unit, whose accounts AWS sets up by itself',
      steps: [
        { title: 'The plan of the deployment', by: 'hub', command: deploy('of the unit', '--dry-run') },
        {
          title: 'The deployment',
          by: 'hub',
          command: deploy('of the unit', '--', '--require-approval', 'never'),
          atMostMinutes: DEPLOYING,
          undo: ['pipewarden', 'destroy', '--profile', hub.profile, ...inRegion],
        },
        {
          title: 'AutoDeployment.DependsOn: AWS makes the roles of a new account before its rules',
          by: 'hub',
          command: [
            ...['aws', 'cloudformation', 'describe-stack-set', ...inRegion, ...callAs],
            ...['--stack-set-name', `PipewardenMemberRules-${suffix}`],
          ],
          check: {
            wrong: (answer) => {
              const set = (answer as { StackSet?: { AutoDeployment?: unknown } }).StackSet?.AutoDeployment;
              const [on, ...others] = list(set, 'DependsOn');
              if ((set as { Enabled?: unknown } | undefined)?.Enabled !== true) return 'it is not automatic';
              return others.length === 0 && String(on).includes(`PipewardenMemberRoles-${suffix}`)
                ? undefined
                : `it depends on ${json(list(set, 'DependsOn'))}`;
            },
            atMostMinutes: 5,
          },
        },
        ...sets([member.account, excluded], [outside]),
      ],
    },
    {
      title: 'One harmless change in each of the six systems, in the member',
      steps: [
        {
          title:
            'Execution roles and pipeline versions: a role that SageMaker may not assume, and that starts any version',
          by: 'member',
          command: [
            ...['aws', 'iam', 'create-role', '--role-name', execution],
            ...['--assume-role-policy-document', json(made.executionRole.trust)],
          ],
          undo: ['aws', 'iam', 'delete-role', '--role-name', execution],
        },
        {
          title: 'The permission to start the pipeline',
          by: 'member',
          command: [
            ...['aws', 'iam', 'put-role-policy', '--role-name', execution, '--policy-name', NAME],
            ...['--policy-document', json(made.executionRole.policy)],
          ],
          undo: ['aws', 'iam', 'delete-role-policy', '--role-name', execution, '--policy-name', NAME],
        },
        {
          title: 'Step roles: a role that the configuration does not name',
          by: 'member',
          command: [
            ...['aws', 'iam', 'create-role', '--role-name', step],
            ...['--assume-role-policy-document', json(made.executionRole.trust)],
          ],
          undo: ['aws', 'iam', 'delete-role', '--role-name', step],
        },
        {
          title: 'CORS of image buckets: a bucket without the rule',
          by: 'member',
          command: [
            ...['aws', 's3api', 'create-bucket', '--bucket', made.bucket, ...inRegion],
            // us-east-1 refuses its own name here.
            ...(region === 'us-east-1'
              ? []
              : ['--create-bucket-configuration', json({ LocationConstraint: region })]),
          ],
          undo: ['aws', 's3api', 'delete-bucket', '--bucket', made.bucket, ...inRegion],
        },
        {
          title: 'The tag that makes it an image bucket',
          by: 'member',
          command: [
            ...['aws', 's3api', 'put-bucket-tagging', '--bucket', made.bucket, ...inRegion],
            ...['--tagging', json({ TagSet: [{ Key: TAG.key, Value: TAG.value }] })],
          ],
        },
        {
          title: 'Job prefixes: a pipeline whose step has no base job name. Nothing starts it',
          by: 'member',
          command: [
            ...['aws', 'sagemaker', 'create-pipeline', '--pipeline-name', NAME, ...inRegion],
            ...['--role-arn', made.executionRole.arn],
            ...['--pipeline-definition', json(made.pipeline.definition)],
          ],
          undo: ['aws', 'sagemaker', 'delete-pipeline', '--pipeline-name', NAME, ...inRegion],
        },
        {
          title: 'SCPs: one that keeps the bucket to a network, without the exception for JsonGet',
          by: 'management',
          command: [
            ...['aws', 'organizations', 'create-policy', '--type', 'SERVICE_CONTROL_POLICY', '--name', NAME],
            ...['--description', NAME, '--content', json(made.scp)],
          ],
          finds: {
            what: 'scp',
            in: (answer) =>
              (answer as { Policy?: { PolicySummary?: { Id?: string } } }).Policy?.PolicySummary?.Id,
          },
          undo: ['aws', 'organizations', 'delete-policy', '--policy-id', FOUND.scp],
        },
        {
          title: 'The SCP is attached to the member',
          by: 'management',
          command: [
            ...['aws', 'organizations', 'attach-policy'],
            ...['--policy-id', FOUND.scp, '--target-id', member.account],
          ],
          undo: [
            ...['aws', 'organizations', 'detach-policy'],
            ...['--policy-id', FOUND.scp, '--target-id', member.account],
          ],
        },
      ],
    },
    {
      title:
        'What the events lead to, before any sweep: from bus to bus, and into Security Hub of the member',
      steps: expectedFindings(sandbox)
        // Organizations sends its events to the management account alone, which StackSets leave out.
        .filter(({ system }) => system !== 'SCPs')
        .map(inMember),
    },
    {
      title: 'A sweep, by a distributed map over the accounts',
      steps: [
        {
          title: 'The state machine of sweeps',
          by: 'hub',
          command: ['aws', 'cloudformation', 'describe-stacks', ...inRegion, '--stack-name', 'Pipewarden'],
          finds: {
            what: 'machine',
            in: outputIn('SweepMachineArn'),
          },
        },
        {
          title: 'The sweep of the member alone',
          by: 'hub',
          command: [
            ...['aws', 'stepfunctions', 'start-execution', ...inRegion, '--state-machine-arn', FOUND.machine],
            ...['--name', NAME, '--input', json({ accounts: [member.account] })],
          ],
        },
        {
          title: 'The execution succeeds',
          by: 'hub',
          command: [
            ...['aws', 'stepfunctions', 'list-executions', ...inRegion],
            ...['--state-machine-arn', FOUND.machine],
          ],
          check: {
            wrong: sweepSucceeded,
            atMostMinutes: 45,
          },
        },
        ...expectedFindings(sandbox).map(inMember),
        {
          title: 'The member is covered',
          by: 'hub',
          command: [
            ...['pipewarden', 'members', '--profile', hub.profile, ...inRegion],
            ...['--format', 'json', '--config', CONFIGS['of the unit']],
          ],
          check: {
            wrong: (answer) => {
              const own = list(answer, 'members').filter((each) => text(each, 'account') === member.account);
              return own.length > 0 && own.every((each) => text(each, 'isCovered') === 'true')
                ? undefined
                : `of the member it tells ${json(own)}`;
            },
            atMostMinutes: 10,
          },
        },
      ],
    },
    {
      title:
        'Deploy with an account outside of the unit, and without one of its accounts (account filter DIFFERENCE)',
      steps: [
        {
          title: 'The deployment',
          by: 'hub',
          command: deploy('others, too', '--', '--require-approval', 'never'),
          atMostMinutes: DEPLOYING,
        },
        ...sets([member.account, outside], [excluded]),
      ],
    },
  ];
};
