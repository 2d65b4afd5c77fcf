import {
  type App,
  Aws,
  type Environment,
  PERMISSIONS_BOUNDARY_CONTEXT_KEY,
  type Stack,
  Tags,
  Validations,
} from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { stackNames } from '../shared/domain/deployment-names.ts';
import { hubSuffix } from '../shared/domain/member-roles.ts';
import { forwardedRegions, forwardingDescription, otherRegions } from '../shared/events/forwarded-regions.ts';
import { patternsOf } from './event-patterns.ts';
import { forwardingStack } from './forwarding-stack.ts';
import { memberTemplates, ruleRegions } from './member-templates.ts';
import { membersStack } from './members-stack.ts';
import { hubParameters, pipewardenStack } from './pipewarden-stack.ts';
import type { Settings } from './settings.ts';
import { stateStack, type ToldState } from './state-stack.ts';

export type Stacks = {
  state: ToldState;
  pipewarden: Stack;
  /** The stacks that forward events, by Region. */
  forwarding: ReadonlyMap<string, Stack>;
  /** The stack that sets up other accounts, where others are watched. */
  members?: Stack;
};

/** All stacks of a deployment. The checks of cdk-nag run when the stacks are synthesised, and a failure stops that. */
export const stacks = (
  app: App,
  {
    settings,
    region,
    account,
    tags = [],
  }: { settings: Settings; region: string; account?: string; tags?: readonly (readonly [string, string])[] },
): Stacks => {
  const { permissionsBoundary } = settings;
  // Each stack that is made from now on gives it to all its roles, also in the templates for members, which have this context.
  if (permissionsBoundary !== undefined)
    app.node.setContext(PERMISSIONS_BOUNDARY_CONTEXT_KEY, { name: permissionsBoundary });
  const env = (of: string): Environment => ({ region: of, ...(account !== undefined && { account }) });
  const names = stackNames(settings.stackPrefix, settings.stateStack);
  const state = stateStack(app, names.state, {
    env: env(region),
    mainStack: names.main,
    settings,
    description: 'Pipewarden: findings, reports, alert topic and bus, which are kept',
  });
  const others = otherRegions(region, settings.regions);
  const pipewarden = pipewardenStack(app, names.main, {
    env: env(region),
    settings,
    state,
    otherRegions: others,
    description: 'Pipewarden: audits Amazon SageMaker Pipelines as their events arrive',
  });
  const { ownForwarders: ownNames = [], hasIamEvents, stackPrefix } = settings;
  const forwards = forwardedRegions(region, settings.regions, { ownNames, hasIamEvents, stackPrefix });
  const forwarding = forwards.map((forwarded) => {
    const { stack, region: from, events } = forwarded;
    const made = forwardingStack(app, stack, {
      env: env(from),
      homeRegion: region,
      settings,
      patterns: patternsOf(from, events),
      description: forwardingDescription(forwarded, region),
    });
    // An auditor of an earlier deployment may know nothing of the Region, and would look for its resources in the home Region.
    made.addStackDependency(pipewarden);
    return [from, made] as const;
  });
  const allTags = [['Application', 'pipewarden'] as const, ...tags];
  for (const [key, value] of allTags) Tags.of(app).add(key, value);
  const members =
    settings.members &&
    membersStack(app, names.members, {
      names,
      env: env(region),
      hub: hubSuffix({ account: Aws.ACCOUNT_ID, region: Aws.REGION }),
      isManagementAccount: account === settings.members.organization.managementAccount,
      members: settings.members,
      templates: memberTemplates(app, { settings, home: region, otherRegions: others, tags: allTags }),
      parameters: hubParameters(names.main, settings),
      regions: ruleRegions(region, others, hasIamEvents),
      description: 'Pipewarden: sets up the accounts that are watched from here',
    });
  members?.addStackDependency(pipewarden);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { state, pipewarden, forwarding: new Map(forwarding), ...(members && { members }) };
};
