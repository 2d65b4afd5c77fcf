import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { auditStack } from '../../infra/audit-stack.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { Rules } from '../setup/ruler-env.ts';

/** The patterns of all rules of the synthesised templates, by logical id. */
export const deployedPatterns = (): Rules => {
  const assetFolder = mkdtempSync(join(tmpdir(), 'pipewarden-asset-'));
  try {
    writeFileSync(join(assetFolder, 'index.mjs'), 'export const handler = async () => ({});');
    const stack = auditStack(new App(), 'Test', { assetFolder, configFile: 'pipewarden.json', reads: [] });
    const rules = Template.fromStack(stack).findResources('AWS::Events::Rule');
    return Object.fromEntries(
      Object.entries(rules).flatMap(([id, { Properties }]) =>
        Properties.EventPattern ? [[id, Properties.EventPattern as JsonObject]] : [],
      ),
    );
  } finally {
    rmSync(assetFolder, { recursive: true });
  }
};

/** The patterns as CloudFormation deploys them in an account. */
export const inAccount = (patterns: Rules, account: string): Rules =>
  JSON.parse(JSON.stringify(patterns).replaceAll('{"Ref":"AWS::AccountId"}', JSON.stringify(account)));
