import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { auditStack } from '../../infra/audit-stack.ts';

/** The synthesised template of each stack of a deployment. */
export const templates = (): Template[] => {
  const assetFolder = mkdtempSync(join(tmpdir(), 'pipewarden-asset-'));
  try {
    writeFileSync(join(assetFolder, 'index.mjs'), 'export const handler = async () => ({});');
    const stack = auditStack(new App(), 'Test', { assetFolder, configFile: 'pipewarden.json', reads: [] });
    return [Template.fromStack(stack)];
  } finally {
    rmSync(assetFolder, { recursive: true });
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
