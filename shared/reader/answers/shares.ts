import { parseArn, pipelineNameIn } from '../../domain/arn.ts';
import { asList, asText, isObject, type Json, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import { found, notRead, type Read } from '../read-result.ts';
import type { PipelineShare, SharePermission, SharePrincipal } from '../reader.ts';
import { INCOMPLETE } from './describe.ts';

/** The answers of RAM about one share: the share, its associations, and its permissions. */
export type ShareAnswers = {
  share: Json;
  resources: readonly Json[];
  principals: readonly Json[];
  permissions: Read<readonly PermissionAnswers[]>;
};

/** A permission as ListResourceSharePermissions tells it, and the text of its content, from GetPermission. */
export type PermissionAnswers = { permission: Json; content: Read<Json> };

/**
 * A share of the account, from the answers of GetResourceShares, GetResourceShareAssociations,
 * ListResourceSharePermissions and GetPermission; undefined where an association names nothing.
 * https://docs.aws.amazon.com/ram/latest/APIReference/API_ResourceShareAssociation.html
 */
export const shareFact = (
  arn: string,
  { share, resources, principals, permissions }: ShareAnswers,
): PipelineShare | undefined => {
  const hasEnded = hasEnd(ENDED_SHARES, member(share, 'status'));
  const allowsExternal = member(share, 'allowExternalPrincipals') !== false;
  const named = [...resources, ...principals].every((each) => entityOf(each) !== '');
  if (!named) return undefined;
  const pipelines = resources.filter((each) => isOfPipeline(each));
  const isHeld = (each: Json): boolean => !hasEnded && isInForce(each);
  return {
    arn,
    name: asText(member(share, 'name')) ?? asText(member(resources[0], 'resourceShareName')) ?? arn,
    allowsExternal,
    pipelineArns: pipelines.filter(isHeld).map(entityOf),
    formerPipelineArns: pipelines.filter((each) => !isHeld(each)).map(entityOf),
    principals: principals.filter(isInForce).map((each) => principalOf(each, allowsExternal)),
    permissions: permissions.ok ? permissionsOf(permissions.value) : permissions,
  };
};

/** A share that could not be made, or is being deleted, gives nobody anything. */
const ENDED_SHARES = ['FAILED', 'DELETING', 'DELETED'];

/** Any other status, also one that is not known here, may mean access, now or once an invitation is accepted. */
const ENDED_ASSOCIATIONS = ['FAILED', 'DISASSOCIATING', 'DISASSOCIATED'];

const hasEnd = (ended: readonly string[], status: Json | undefined): boolean =>
  ended.includes(asText(status)?.toUpperCase() ?? '');

const isInForce = (association: Json): boolean => !hasEnd(ENDED_ASSOCIATIONS, member(association, 'status'));

/** What an association associates with its share; an empty text where it does not tell. */
const entityOf = (association: Json): string => asText(member(association, 'associatedEntity')) ?? '';

/** Whether an association of a resource is one of a pipeline. */
export const isOfPipeline = (association: Json): boolean =>
  pipelineNameIn(entityOf(association)) !== undefined;

/** The share of an association. */
export const shareOf = (association: Json): string => asText(member(association, 'resourceShareArn')) ?? '';

/**
 * `external` is true for an account outside of the organization. Organizations and their units are always the account’s
 * own. https://docs.aws.amazon.com/ram/latest/userguide/working-with-sharing-view-principals.html
 */
const principalOf = (association: Json, allowsExternal: boolean): SharePrincipal => {
  const id = entityOf(association);
  const isOwn = parseArn(id)?.service === 'organizations' || member(association, 'external') === false;
  return { id, isExternal: allowsExternal && !isOwn };
};

const permissionsOf = (answers: readonly PermissionAnswers[]): Read<SharePermission[]> => {
  const ofPipelines = answers.filter(({ permission }) => isForPipelines(permission));
  return ofPipelines.length > 0
    ? found(ofPipelines.map(permissionOf))
    : notRead('ListResourceSharePermissions', INCOMPLETE, 'the answer holds no permission for pipelines');
};

const isForPipelines = (permission: Json): boolean =>
  (asText(member(permission, 'resourceType')) ?? PIPELINES).toLowerCase() === PIPELINES;

const PIPELINES = 'sagemaker:pipeline';

const permissionOf = ({ permission, content }: PermissionAnswers): SharePermission => {
  const arn = asText(member(permission, 'arn')) ?? '';
  const version = asText(member(permission, 'version'));
  const name = version === undefined ? arn : `${arn} version ${version}`;
  const documented = documentedActions(permission);
  if (documented) return { name, actions: found(documented) };
  return { name, ...(content.ok ? contentOf(content.value) : { actions: content }) };
};

const READ_ACTIONS = [
  'DescribePipeline',
  'DescribePipelineDefinitionForExecution',
  'DescribePipelineExecution',
  'ListPipelineExecutions',
  'ListPipelineExecutionSteps',
  'ListPipelineParametersForExecution',
  'Search',
].map((operation) => `sagemaker:${operation}`);

/** https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-xaccount.html */
const DOCUMENTED = new Map([
  ['AWSRAMDefaultPermissionSageMakerPipeline', READ_ACTIONS],
  [
    'AWSRAMPermissionSageMakerPipelineAllowExecution',
    [
      ...READ_ACTIONS,
      'sagemaker:StartPipelineExecution',
      'sagemaker:StopPipelineExecution',
      'sagemaker:RetryPipelineExecution',
    ],
  ],
]);

/**
 * The actions of a permission of AWS that the documentation tells. A customer’s permission of the same name has the
 * account in its ARN.
 */
export const documentedActions = (permission: Json): readonly string[] | undefined => {
  const [, name = ''] =
    /^arn:[^:]+:ram::aws:permission\/([^/]+)$/.exec(asText(member(permission, 'arn')) ?? '') ?? [];
  return DOCUMENTED.get(name);
};

/**
 * The actions of a permission’s content: `{"Effect", "Action", "Condition"}`, or a list of such. Content that does not
 * say which actions it allows is unknown. https://docs.aws.amazon.com/ram/latest/APIReference/API_GetPermission.html
 */
const contentOf = (content: Json): Pick<SharePermission, 'actions' | 'isConditional'> => {
  const parsed = typeof content === 'string' ? parseJson(content) : undefined;
  const document = parsed ? (parsed.ok ? parsed.value : null) : content;
  const statements = asList(member(document, 'Statement') ?? document);
  const allowed = statements.filter((each) => member(each, 'Effect') === 'Allow');
  const actions = allowed.flatMap((each) => asList(member(each, 'Action')));
  const isKnown =
    allowed.length > 0 &&
    statements.every(
      (each) => isObject(each) && ['Allow', 'Deny'].includes(asText(member(each, 'Effect')) ?? ''),
    ) &&
    allowed.every(
      (each) => member(each, 'NotAction') === undefined && member(each, 'Action') !== undefined,
    ) &&
    actions.every((action) => typeof action === 'string' && ACTION.test(action));
  if (!isKnown)
    return {
      actions: notRead('GetPermission', INCOMPLETE, 'the content does not tell which actions it allows'),
    };
  return {
    actions: found(actions.flatMap((action) => asText(action) ?? [])),
    ...(allowed.some((each) => member(each, 'Condition') !== undefined) && { isConditional: true }),
  };
};

/** An action or a pattern of actions, without a parameter of a template. */
const ACTION = /^(?:[\w-]+:[\w*?]+|\*)$/;
