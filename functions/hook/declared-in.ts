import {
  type ChangedProperties,
  changeContext,
  templateOfChanges,
} from '../../shared/declared/cloudformation/change-set.ts';
import { keptAlone } from '../../shared/declared/cloudformation/kept-alone.ts';
import { type ReadTemplates, readTemplates } from '../../shared/declared/cloudformation/read-templates.ts';
import type { DeclaredProblem } from '../../shared/declared/declared.ts';
import type { Before } from '../../shared/declared/with-earlier.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import { listed } from '../../shared/text/listed.ts';
import type { HookOrigin, HookRequest, ResourceRequest } from './hook-event.ts';
import type { ChangedResource, HookPayload } from './payload.ts';

/** What the places of templates are called: CloudFormation does not tell where their texts came from. */
export const TEMPLATE = 'template';
const EARLIER = 'earlier template';

/** The account and Region to which something is deployed, and the stack of which it is a part. */
export type StackOrigin = Pick<Scope, 'account' | 'region'> & Pick<HookOrigin, 'stackName'>;

/** What an operation declares. `untold`: what nobody tells of what was there before. */
export type DeclaredByHook = { templates: ReadTemplates; before?: Before; untold: readonly string[] };

/** What the template of a stack, or what a change set changes of it, declares. Values of parameters are not told for a stack. */
export const declaredByPayload = (
  payload: HookPayload,
  origin: StackOrigin,
  request: Pick<Extract<HookRequest, { payloadUrl: string }>, 'target'> & { isUpdate?: boolean },
): DeclaredByHook => {
  const { template, previousTemplate, changedResources } = payload;
  if (changedResources) return declaredByChanges(template, changedResources, origin);
  const templates = read(template, origin);
  if (previousTemplate === undefined) {
    const isNew = request.target === 'STACK' && !request.isUpdate;
    return { templates, untold: isNew ? [] : [`what the stack had before${NOT_TAKEN}`] };
  }
  const before = read(previousTemplate, origin, EARLIER);
  const unread = unreadIn(before);
  if (unread) return { templates, untold: [`what the stack had before (${unread.message})${NOT_TAKEN}`] };
  return {
    templates,
    before: { declare: before.declare, isKept: keptAlone(previousTemplate) },
    untold: before.problems.map(({ message }) => `of what the stack had before: ${message}`),
  };
};

/** Why nothing of a template can be read; undefined where something can. The problem of a part stands deeper. */
export const unreadIn = ({ problems }: ReadTemplates): DeclaredProblem | undefined =>
  problems.find(({ pointer }) => pointer === '' || pointer === '/Resources');

const NOT_TAKEN = ' is not told, so that what is taken away is not judged';

const declaredByChanges = (
  template: string,
  changes: readonly ChangedResource[],
  origin: StackOrigin,
): DeclaredByHook => {
  const after = changes.filter((each) => !isDeletion(each)).map((each) => changed(each, each.afterContext));
  // What is imported is there already, as it will be.
  const before = changes
    .filter((each) => !isNew(each))
    .map((each) => changed(each, isImport(each) ? each.afterContext : each.beforeContext));
  const contexts = before.map(({ id, properties }) => ({ id, context: changeContext(properties) }));
  const known = contexts.flatMap(({ id, context }): [string, Json][] => (context ? [[id, context]] : []));
  const unread = contexts.flatMap(({ id, context }) => (context ? [] : id));
  const unreadAfter = after.flatMap(({ id, properties }) => (changeContext(properties) ? [] : id));
  return {
    templates: read(templateOfChanges(template, after), origin),
    ...(before.length > 0 && {
      before: {
        declare: read(templateOfChanges('', before), origin, EARLIER).declare,
        isKept: keptAlone(JSON.stringify({ Resources: Object.fromEntries(known) })),
      },
    }),
    untold: [
      ...(unread.length > 0 ? [`what ${listed(unread, 5)} had before${NOT_TAKEN}`] : []),
      ...(unreadAfter.length > 0
        ? [`what ${listed(unreadAfter, 5)} will have is not told, so that the template alone is judged`]
        : []),
    ],
  };
};

/** The documentation has CREATE, UPDATE and DELETE; change sets themselves have Add, Modify, Remove, Import and Dynamic. */
const isDeletion = ({ action }: ChangedResource): boolean => /^(?:delete|remove)$/i.test(action);
const isNew = ({ action }: ChangedResource): boolean => /^(?:create|add)$/i.test(action);
const isImport = ({ action }: ChangedResource): boolean => /^import$/i.test(action);

/** Without a context, the template alone tells the properties. */
const changed = (
  { logicalResourceId: id, resourceType: type }: ChangedResource,
  context: string | null | undefined,
): ChangedProperties => ({ id, type, properties: context ?? '' });

/** What becomes of one resource, of which CloudFormation has resolved everything but the name that it makes up itself. */
export const declaredByResource = (request: ResourceRequest, origin: StackOrigin): DeclaredByHook => {
  const { properties, previous } = request;
  const textOf = (of: JsonObject | undefined): string =>
    JSON.stringify({
      Resources: of ? { [request.logicalId]: { Type: request.resourceType, Properties: of } } : {},
    });
  return {
    templates: read(textOf(properties), origin),
    ...(previous && {
      before: {
        declare: read(textOf(previous), origin, EARLIER).declare,
        // CloudFormation asks about deletions alone, and sends no UpdateReplacePolicy.
        isKept: (_, because) => (because === 'left out' ? false : undefined),
      },
    }),
    untold: request.isUntoldBefore ? [`what ${request.logicalId} had before${NOT_TAKEN}`] : [],
  };
};

const read = (text: string, { account, region, stackName }: StackOrigin, path = TEMPLATE): ReadTemplates =>
  readTemplates([
    { path, text, stack: { account, region, ...(stackName !== undefined && { name: stackName }) } },
  ]);
