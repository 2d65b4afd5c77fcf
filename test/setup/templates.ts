import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { configured, DEFAULTS } from '../../infra/settings.ts';
import { stacks } from '../../infra/stacks.ts';

/** Two of what alerts may be routed to: a secret of Slack and a topic. */
export const ROUTES = {
  secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack-AbCdEf',
  topicArn: 'arn:aws:sns:eu-west-1:111122223333:security',
};

/** The synthesised template of each stack of a deployment whose account is not fixed. */
export const templates = (): Template[] => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewarden-assets-'));
  try {
    for (const name of ['audit', 'deliver', 'sweep', 'report']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'index.mjs'), 'export const handler = async () => ({});');
    }
    const configFile = join(folder, 'pipewarden.json');
    writeFileSync(configFile, '{}');
    const app = new App();
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
    return [state.stack, pipewarden, iamEvents].flatMap((stack) => (stack ? Template.fromStack(stack) : []));
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
