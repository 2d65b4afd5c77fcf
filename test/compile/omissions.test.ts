import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** A line to insert after another line of a list, and the files that must then handle the new member. */
type Omission = { file: string; behind: string; line: string; files: string[] };

const OMISSIONS: Record<string, Omission> = {
  'a step type': {
    file: 'shared/definition/step-type-names.ts',
    behind: "  'Training',\n",
    line: "  'Quantum',\n",
    files: ['shared/definition/step-types.ts', 'shared/needs/step-asks.ts'],
  },
  'a column of the step types': {
    file: 'shared/definition/step-type-names.ts',
    behind: '  roles: readonly string[];\n',
    line: '  secrets: readonly string[];\n',
    files: ['shared/definition/job-step-types.ts', 'shared/definition/step-types.ts'],
  },
  'what later steps refer to': {
    file: 'shared/definition/step-type-names.ts',
    behind: "  | 'model artifacts'\n",
    line: "  | 'hub content'\n",
    files: ['shared/definition/step-reference.ts'],
  },
  'a form of CloudTrail’s records': {
    file: 'shared/events/audited-calls.ts',
    behind: "  bucket: 'bucket';\n",
    line: "  'access point': 'bucket';\n",
    files: ['shared/events/cloudtrail.ts'],
  },
  'a call whose records have a form of their own': {
    file: 'shared/events/audited-calls.ts',
    behind: "      PutBucketCors: { form: 'bucket', changed: ['cors'] },\n",
    line: "      PutAccessPointPolicy: { form: 'access point', changed: ['policy'] },\n",
    files: ['shared/events/audited-calls.ts'],
  },
  'a service whose calls are audited': {
    file: 'shared/events/audited-calls.ts',
    behind: 'export const AUDITED_SERVICES = {\n',
    line: "  'athena.amazonaws.com': { category: 'Management', arrivesIn: 'own Region', loggedIn: 'own account', calls: {} },\n",
    files: ['infra/event-patterns.ts'],
  },
  'a fact of buckets': {
    file: 'shared/facts/facts.ts',
    behind: "  bucket: ['imageBucket', ",
    line: "'trails', ",
    files: ['shared/facts/gather-bucket.ts'],
  },
  'a fact of users and roles': {
    file: 'shared/facts/facts.ts',
    behind: "  'administrators',\n",
    line: "  'trails',\n",
    files: ['shared/facts/gather-principal.ts'],
  },
  'a fact of executions': {
    file: 'shared/facts/facts.ts',
    behind: "  execution: ['pipeline', ",
    line: "'job', ",
    files: ['shared/facts/gather-executions.ts'],
  },
  'a fact of pipelines': {
    file: 'shared/facts/facts.ts',
    behind: "  pipeline: ['pipeline', ",
    line: "'job', ",
    files: ['shared/facts/gather-pipeline.ts', 'cli/lint.ts'],
  },
  'a fact of any kind': {
    file: 'shared/facts/facts.ts',
    behind: '  trails: TrailsFact;\n',
    line: '  secrets: string[];\n',
    files: ['shared/facts/fact-actions.ts'],
  },
  'a fact that is gathered of another type, to a control': {
    file: 'shared/controls/image-bucket-known.ts',
    behind: "  requires: ['imageSource'",
    line: ", 'principal'",
    files: ['shared/controls/image-bucket-known.ts'],
  },
  'a type of which a fact is not gathered, to a control': {
    file: 'shared/controls/execution-role-trust.ts',
    behind: "  on: ['role'",
    line: ", 'user'",
    files: ['shared/controls/execution-role-trust.ts'],
  },
  'something that changes of a bucket': {
    file: 'shared/domain/change.ts',
    behind: "  bucket: ['existence', ",
    line: "'lifecycle', ",
    files: ['shared/reader/cached-reader.ts'],
  },
};

describe('a member that is added to one list only does not compile', () => {
  let copy: string;

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'omissions-'));
    for (const part of ['shared', 'infra', 'cli', 'tsconfig.json', 'package.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  /** The files in which the compiler finds errors. */
  const wrongIn = (files: readonly string[]): string[] => {
    writeFileSync(
      join(copy, 'tsconfig.part.json'),
      JSON.stringify({ extends: './tsconfig.json', include: [], files }),
    );
    const { stdout } = spawnSync('node_modules/.bin/tsc', ['--noEmit', '-p', 'tsconfig.part.json'], {
      cwd: copy,
      encoding: 'utf8',
    });
    return [
      ...new Set(stdout.split('\n').flatMap((line) => /^([^(\s]+)\(\d+,\d+\): error/.exec(line)?.[1] ?? [])),
    ];
  };

  test('while the sources compile without it', () => {
    expect(wrongIn([...new Set(Object.values(OMISSIONS).flatMap(({ files }) => files))])).toEqual([]);
  });

  test.each(Object.entries(OMISSIONS))('%s', (_, { file, behind, line, files }) => {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    expect(text.split(behind)).toHaveLength(2);
    writeFileSync(
      path,
      text.replace(behind, () => `${behind}${line}`),
    );
    try {
      expect(wrongIn(files)).toEqual(expect.arrayContaining(files));
    } finally {
      writeFileSync(path, text);
    }
  });
});
