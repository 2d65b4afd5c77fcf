import { Template } from 'aws-cdk-lib/assertions';
import { configured } from '../../../infra/settings.ts';
import { deployables, deployment, settingsFor } from './synthesised.ts';

/** Two routes for alerts: a Slack secret and a topic. */
export const ROUTES = {
  secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack-AbCdEf',
  topicArn: 'arn:aws:sns:eu-west-1:111122223333:security',
};

/** The synthesised template of each stack of a deployment whose account is not fixed. */
export const templates = (): Record<'state' | 'pipewarden' | 'iamEvents', Template> => {
  const { remove, ...files } = deployables();
  try {
    const { secretArn, topicArn } = ROUTES;
    const alerts = { slack: { secret: secretArn }, routes: [{ topic: topicArn }] };
    const settings = settingsFor(files, configured({ alerts }));
    const { state, pipewarden, forwarding } = deployment(settings, { isAccountFixed: false });
    const iamEvents = forwarding.get('us-east-1');
    if (!iamEvents) throw new Error('outside of us-east-1 there is a stack that forwards events from there');
    return {
      state: Template.fromStack(state.stack),
      pipewarden: Template.fromStack(pipewarden),
      iamEvents: Template.fromStack(iamEvents),
    };
  } finally {
    remove();
  }
};

export type Resource = { id: string; properties: Record<string, unknown> };

/** All resources of a type. */
export const resourcesOf = (all: readonly Template[], type: string): Resource[] =>
  all.flatMap((template) =>
    Object.entries(template.findResources(type)).map(([id, { Properties }]) => ({
      id,
      properties: Properties ?? {},
    })),
  );
