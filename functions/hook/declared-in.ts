import { templateOfChanges } from '../../shared/declared/cloudformation/change-set.ts';
import { type ReadTemplates, readTemplates } from '../../shared/declared/cloudformation/read-templates.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import type { HookOrigin, HookRequest } from './hook-event.ts';
import type { HookPayload } from './payload.ts';

/** What the place of a template is called: CloudFormation does not tell where its text came from. */
const TEMPLATE = 'template';

/** The account and Region to which something is deployed, and the stack of which it is a part. */
export type StackOrigin = Pick<Scope, 'account' | 'region'> & Pick<HookOrigin, 'stackName'>;

/** What the template of a stack, or what a change set changes of it, declares. Values of parameters are not told for a stack. */
export const declaredByPayload = (
  { template, changedResources }: HookPayload,
  origin: StackOrigin,
): ReadTemplates => {
  const text = changedResources
    ? templateOfChanges(
        template,
        changedResources.flatMap(({ logicalResourceId, resourceType, action, afterContext }) =>
          // The documentation has CREATE, UPDATE and DELETE; change sets themselves have Add, Modify and Remove.
          afterContext && !/^(?:delete|remove)$/i.test(action)
            ? { id: logicalResourceId, type: resourceType, properties: afterContext }
            : [],
        ),
      )
    : template;
  return readTemplates([{ path: TEMPLATE, text, stack: stackOf(origin) }]);
};

/** What one resource declares, of which CloudFormation has resolved everything but the name that it makes up itself. */
export const declaredByResource = (
  request: Extract<HookRequest, { target: 'RESOURCE' }>,
  origin: StackOrigin,
): ReadTemplates => {
  const { logicalId, resourceType, properties } = request;
  const resources = Object.fromEntries([[logicalId, { Type: resourceType, Properties: properties }]]);
  return readTemplates([
    { path: TEMPLATE, text: JSON.stringify({ Resources: resources }), stack: stackOf(origin) },
  ]);
};

const stackOf = ({ account, region, stackName }: StackOrigin) => ({
  account,
  region,
  ...(stackName !== undefined && { name: stackName }),
});
