import type { Config } from '../config/schema.ts';
import type { ControlId } from '../domain/control-ids.ts';
import type { FactName, Facts } from '../facts/facts.ts';
import type { SomeFacts } from '../facts/gathered.ts';
import { corsRulesFound } from '../policies/required-cors.ts';
import { cut } from '../text/cut.ts';
import {
  floorEntries,
  imageBucketEntry,
  prefixesApart,
  roleEntries,
  roleEntry,
  shareEntries,
  suppressionEntries,
} from './satisfying-entries.ts';
import {
  CREATE,
  changingStatements,
  few,
  type Looked,
  MOST_PLACES,
  ownStatements,
  scpStatements,
  statementsAbout,
  trustStatements,
} from './satisfying-statements.ts';
import {
  isolatedSteps,
  jobPrefix,
  jobRoles,
  stepNameLength,
  stepPrefix,
  stepRolesNamed,
} from './satisfying-steps.ts';
import { loggingTrails } from './satisfying-trails.ts';

const NOBODY: readonly string[] = [];

/** The statement, field, step or entry of the configuration by which a control is satisfied, for each control. */
type SatisfiedBy = (known: Partial<Facts>, config: Config, subject: string | undefined) => Looked[];

const SATISFIED_BY: Readonly<Record<ControlId, SatisfiedBy>> = {
  'definition-valid': () => [
    { at: '/Steps', found: 'no field, step or reference of the definition is a mistake' },
  ],
  'evidence-readable': ({ gaps = [] }) => [{ at: 'what was read', found: `${gaps.length} gaps` }],
  'exceptions-scoped': suppressionEntries,
  'execution-role-administrator': ownStatements([
    'iam:PutRolePolicy',
    'iam:AttachRolePolicy',
    'iam:CreatePolicyVersion',
    'iam:UpdateAssumeRolePolicy',
    'iam:PassRole',
  ]),
  'execution-role-job-permissions': ownStatements(CREATE),
  'execution-role-least-privilege': ownStatements(['s3:PutObject', 's3:GetObject', ...CREATE]),
  'execution-role-passes-step-roles': ownStatements(['iam:PassRole']),
  'execution-role-protected': ({ principals }, config) => [
    ...roleEntries(config, 'administrators').slice(0, 2),
    ...(principals ? changingStatements(principals)(config.roles?.administrators ?? NOBODY) : []),
  ],
  'execution-role-trust': ({ trust }) => (trust ? trustStatements(trust) : []),
  'image-bucket-cors': ({ imageBucket }) =>
    imageBucket?.because === undefined ? [] : corsRulesFound(imageBucket.cors),
  'image-bucket-known': ({ imageSource }, config) =>
    imageSource ? imageBucketEntry(imageSource.name, config) : [],
  'job-name-prefix': jobPrefix,
  'job-prefix-length': (known, _, subject) => stepNameLength(known, subject),
  'job-role-as-declared': jobRoles,
  'json-get-access': ownStatements(['s3:GetObject']),
  'managed-pipeline-role': ({ startRole }, config) =>
    startRole
      ? [
          { at: startRole.toldBy, found: `${startRole.roleArn} for ${startRole.pipelineArn}` },
          ...roleEntry(startRole.roleArn, config, ['steps', 'execution']),
        ]
      : [],
  'pass-role-allowed': ownStatements(['iam:PassRole']),
  'pass-role-scoped': ownStatements(['iam:PassRole', 'sagemaker:CreatePipeline', ...CREATE]),
  'pipeline-access-scoped': ownStatements([
    'sagemaker:UpdatePipeline',
    'sagemaker:StartPipelineExecution',
    'sagemaker:DeletePipeline',
  ]),
  'pipeline-inputs-protected': ({ inputs }) =>
    inputs?.of === 'bucket'
      ? statementsAbout(inputs.policy, `policy of bucket ${inputs.name}`, [
          's3:PutObject',
          's3:PutBucketPolicy',
        ])
      : [],
  'pipeline-job-prefix': stepPrefix,
  'pipeline-shared': shareEntries,
  'prefix-collision': (_, config) => prefixesApart(config),
  'prefix-policy-enforced': ownStatements(CREATE),
  'scope-covered': ({ coverage: { scopes } = { scopes: [] } }) =>
    scopes.length === 0
      ? [{ at: 'the account', found: 'no Region of it is unread, and no sweep is overdue' }]
      : scopes.map(({ account, region }) => ({
          at: `account ${account}, Region ${region}`,
          found: 'its role lets the hub read it, and no sweep is overdue',
        })),
  'scp-exception-protected': ownStatements(['iam:TagRole', 'iam:UntagRole', 'iam:CreateRole']),
  'scp-exception-unique': ({ principal, uses }, config) => {
    const { arn = '' } = principal?.identity.principal ?? {};
    const { tagKey, tagValue } = config.scpException ?? {};
    return [
      {
        at: `tags of ${arn}`,
        found: `${tagKey}=${tagValue}; run under it: ${few((uses?.executes ?? []).map(({ name }) => name)) || 'no pipeline'}`,
      },
      ...roleEntry(arn, config, ['execution']),
    ];
  },
  'scp-json-get-exception': ({ exceptionSubject }) =>
    exceptionSubject ? scpStatements(exceptionSubject.organization.layers.scps, ['s3:GetObject']) : [],
  'step-isolation': ({ isolation }) =>
    isolation?.of === 'role'
      ? ownStatements(['s3:PutObject'])({ principal: isolation.principal })
      : isolatedSteps({ ...(isolation && { isolation }) }),
  'step-role-authorised': stepRolesNamed,
  'step-role-data-access': ownStatements(['s3:GetObject', 's3:PutObject', 'kms:Decrypt']),
  'trail-logging': ({ trails }) => (trails ? loggingTrails(trails) : []),
  'version-alias-kept': ({ pipeline, versions = [] }, config) => [
    {
      at: 'ListPipelineVersions',
      found: few(
        versions
          .filter(({ aliases }) => aliases.length > 0)
          .map(({ id, aliases }) => `version ${id}: ${few(aliases)}`),
      ),
    },
    ...floorEntries(pipeline?.name ?? '', config),
  ],
  'version-floor-enforced': ownStatements(['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipeline']),
  'version-floor-kept': ({ version }, config) =>
    version
      ? [
          { at: version.toldBy, found: `version ${version.versionId} of ${version.pipelineName}` },
          ...floorEntries(version.pipelineName, config),
        ]
      : [],
};

const LONGEST = 300;

/** What satisfied a control that passed, in a few places of bounded size; nothing for an id of no control. */
export const satisfiedBy = (
  id: string,
  facts: SomeFacts,
  config: Config,
  subject: string | undefined,
): Looked[] =>
  isControlId(id)
    ? SATISFIED_BY[id](knownOf(facts), config, subject)
        .slice(0, MOST_PLACES)
        .map(({ at, found }) => ({ at, found: cut(found, LONGEST) }))
    : [];

const isControlId = (id: string): id is ControlId => Object.hasOwn(SATISFIED_BY, id);

const knownOf = (facts: SomeFacts): Partial<Facts> => {
  const known: Partial<Record<FactName, unknown>> = {};
  for (const [name, fact] of Object.entries(facts)) if (fact?.ok) known[name as FactName] = fact.value;
  return known as Partial<Facts>;
};
