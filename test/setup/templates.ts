import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { configured, DEFAULTS } from '../../infra/settings.ts';
import { stacks } from '../../infra/stacks.ts';

/** The CDK's feature flags as they are deployed with. */
const CDK = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

/** Two of what alerts may be routed to: a secret of Slack and a topic. */
export const ROUTES = {
  secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack-AbCdEf',
  topicArn: 'arn:aws:sns:eu-west-1:111122223333:security',
};

/** The synthesised template of each stack of a deployment whose account is not fixed. */
export const templates = (): Record<'state' | 'pipewarden' | 'iamEvents', Template> => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewarden-assets-'));
  try {
    for (const name of ['audit', 'deliver', 'sweep', 'report']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'index.mjs'), 'export const handler = async () => ({});');
    }
    const configFile = join(folder, 'pipewarden.json');
    writeFileSync(configFile, '{}');
    const app = new App({ context: CDK.context });
    const { secretArn, topicArn } = ROUTES;
    const alerts = { slack: { secret: secretArn }, routes: [{ topic: topicArn }] };
    const { state, pipewarden, iamEvents } = stacks(app, {
      region: 'eu-west-1',
      settings: {
        functionsFolder: folder,
        configFile,
        ...configured({ alerts }),
        reservedConcurrency: DEFAULTS.reservedConcurrency,
        logRetentionDays: DEFAULTS.logRetentionDays,
      },
    });
    if (!iamEvents) throw new Error('outside of us-east-1 there is a stack that forwards events from there');
    return {
      state: Template.fromStack(state.stack),
      pipewarden: Template.fromStack(pipewarden),
      iamEvents: Template.fromStack(iamEvents),
    };
  } finally {
    rmSync(folder, { recursive: true });
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
