import { type App, type Environment, type Stack, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { IAM_EVENTS_REGION, iamEventsStack } from './iam-events-stack.ts';
import { pipewardenStack } from './pipewarden-stack.ts';
import type { Settings } from './settings.ts';
import { type StateExports, stateStack } from './state-stack.ts';

export type Stacks = { state: StateExports; pipewarden: Stack; iamEvents?: Stack };

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
  const env = (of: string): Environment => ({ region: of, ...(account !== undefined && { account }) });
  const main = 'Pipewarden';
  const state = stateStack(app, 'PipewardenState', {
    env: env(region),
    alarmPrefix: `${main}-`,
    description: 'Pipewarden: findings, reports, alert topic and bus, which are kept',
  });
  const pipewarden = pipewardenStack(app, main, {
    env: env(region),
    settings,
    state,
    description: 'Pipewarden: audits Amazon SageMaker Pipelines as their events arrive',
  });
  const iamEvents =
    region === IAM_EVENTS_REGION
      ? undefined
      : iamEventsStack(app, 'PipewardenIamEvents', {
          env: env(IAM_EVENTS_REGION),
          homeRegion: region,
          ...(settings.eventSourcePrefix !== undefined && { eventSourcePrefix: settings.eventSourcePrefix }),
          description: `Pipewarden: forwards the events of IAM and Organizations to ${region}`,
        });
  for (const [key, value] of [['Application', 'pipewarden'] as const, ...tags]) Tags.of(app).add(key, value);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { state, pipewarden, ...(iamEvents && { iamEvents }) };
};
