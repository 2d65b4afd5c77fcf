import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { keptPlan } from '../../cli/destroy.ts';
import { keptLines } from '../../cli/kept-commands.ts';
import { type KeptResource, keptIn } from '../../shared/aws/deployment/kept-resources.ts';
import { stackNames } from '../../shared/domain/deployment-names.ts';
import { found, notRead } from '../../shared/reader/read-result.ts';
import { UNIT_MEMBERS } from '../support/templates/members.ts';
import { deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);
const made = deployment(settingsFor(files, { regions: ['eu-central-1'], members: UNIT_MEMBERS }));
const keptOf = (stack: (typeof made)['pipewarden']): KeptResource[] => {
  const template = Template.fromStack(stack).toJSON();
  const ids = Object.keys(template.Resources);
  return keptIn(template, new Map(ids.map((id) => [id, `${stack.stackName}-${id}`])));
};
const state = keptOf(made.state.stack);
const main = keptOf(made.pipewarden);

describe('what stays of a deployment', () => {
  test('is one table, four buckets, two keys, and the log groups', () => {
    const count = (kept: readonly KeptResource[]) => {
      const all = kept.map(({ type }) => type);
      return Object.fromEntries(all.map((type) => [type, all.filter((each) => each === type).length]));
    };
    expect(count(state)).toEqual({
      'AWS::DynamoDB::GlobalTable': 1,
      'AWS::S3::Bucket': 4,
      'AWS::KMS::Key': 2,
    });
    expect(count(main)).toEqual({ 'AWS::Logs::LogGroup': 6 });
    for (const stack of [...made.forwarding.values(), ...(made.members ? [made.members] : [])])
      expect(keptOf(stack)).toEqual([]);
  });

  test('is named, with a command for each, and the keys last', () => {
    const lines = keptLines(state, REGION);
    for (const { name } of state)
      expect(lines.filter((line) => /^ {2}\S/.test(line) && line.endsWith(` ${name}`))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('    aws ')).length).toBeGreaterThan(state.length);
    for (const [at, key] of [
      [-3, 'DataKey'],
      [-1, 'AlertKey'],
    ] as const)
      expect(lines.at(at)).toMatch(
        new RegExp(`^ {4}aws kms schedule-key-deletion .*--key-id PipewardenState-${key}`),
      );
    expect(
      keptLines(main, REGION).filter((line) => line.startsWith('    aws logs delete-log-group ')),
    ).toHaveLength(6);
  });

  test('is what a stack of another version keeps, also of types that this version does not make', () => {
    const template = {
      Resources: {
        Old: { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain' },
        Gone: { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain' },
        Removed: { Type: 'AWS::SQS::Queue' },
      },
    };
    const kept = keptIn(
      template,
      new Map([
        ['Old', 'old'],
        ['Removed', 'removed'],
      ]),
    );
    expect(kept).toEqual([{ type: 'AWS::SQS::Queue', name: 'old', isVersioned: false }]);
    expect(keptLines(kept, REGION)).toEqual(['  AWS::SQS::Queue old']);
  });

  test('is not known where AWS does not tell, which is said', () => {
    const stack = { region: REGION, stack: 'Pipewarden' };
    const names = stackNames();
    expect(keptPlan(stack, notRead('GetTemplate', 'AccessDenied', 'no'), names)).toEqual([
      expect.stringContaining('what stays of Pipewarden (eu-west-1) cannot be asked'),
    ]);
    expect(keptPlan(stack, found([]), names)).toEqual([]);
    expect(keptPlan({ region: REGION, stack: 'PipewardenState' }, found(state), names)[0]).toContain(
      'aws cloudformation delete-stack --region eu-west-1 --stack-name PipewardenState, and then',
    );
  });
});

describe('the commands that remove it', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipewarden-kept-'));
    const aws = join(folder, 'aws');
    writeFileSync(
      aws,
      '#!/bin/sh\nfor each in "$@"; do printf "%s\\n" "$each" >> "$CALLS"; done\necho "{}"\n',
    );
    chmodSync(aws, 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('remove what they name and nothing else, in a shell', () => {
    const calls = join(folder, 'calls');
    const hostile = "a b; touch 'x' $(touch y)";
    const kept = state.map((each) => ({ ...each, name: hostile }));
    for (const line of keptLines(kept, REGION).filter((each) => each.startsWith('    ')))
      execFileSync('sh', ['-c', line], {
        cwd: folder,
        env: { PATH: `${folder}:/usr/bin:/bin`, CALLS: calls },
      });
    const words = readFileSync(calls, 'utf8').split('\n');
    expect(words.filter((word) => word === hostile)).toHaveLength(8);
    expect(words.filter((word) => word === `s3://${hostile}`)).toHaveLength(4);
    expect(words.filter((word) => word === REGION)).toHaveLength(12);
    expect(words).toEqual(
      expect.arrayContaining(['delete-table', 'delete-objects', 'rb', 'schedule-key-deletion']),
    );
  });
});
