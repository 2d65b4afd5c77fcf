import { spawnSync } from 'node:child_process';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, roleArn, sagemakerArn } from '../support/builders/events.ts';
import {
  CLEAN,
  COMMAND,
  CORS,
  definitionOf,
  described,
  type Files,
  IDENTITY,
  inFolder,
  type Run,
  resultsOf,
  run,
  trainStep,
} from '../support/commands/cli.ts';

const PIPELINE = 'account/sagemaker/pipelines/fraud/pipeline.json';
const BUCKET_CORS = 'account/s3/acme-images/cors.json';
const IDENTITY_FILE = 'account/caller-identity.json';

const GOOD = definitionOf(trainStep('fraud-train', 'steps/train'));
const BINARY = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 37) % 256));

/** 10,000 Conditions, each inside the previous one; written as text, because it is too deep to be made from objects. */
const NESTED = `{"Version":"2020-12-01","Steps":${'[{"Name":"C","Type":"Condition","Arguments":{"IfSteps":'.repeat(10_000)}${JSON.stringify(GOOD.Steps)}${'}}]'.repeat(10_000)}}`;

/** Puts keys that would reach an object's prototype before the first key of an object's text. */
const polluted = (value: unknown): string =>
  JSON.stringify(value).replace(
    '{',
    '{"__proto__":{"Steps":[],"RoleArn":"x","absent":true},"constructor":{"prototype":{"a":1}},',
  );

const inClean = (
  files: Files,
  args: readonly string[],
  prepare?: (cwd: string) => Promise<unknown>,
): Promise<Run> =>
  inFolder({ ...CLEAN, ...files }, async (cwd) => {
    await prepare?.(cwd);
    return run(args, { cwd });
  });

const refused = (...lines: string[]): Run => ({
  status: 2,
  stdout: '',
  stderr: `pipewarden: ${lines.join('\n')}\n`,
});

describe('events that cannot be read', () => {
  const none = 'not JSON, nor JSON lines';
  test.each<[string, unknown, string]>([
    ['cut', '[\n  {"eventName": "Upd', `a:2:21: ${none}: Unterminated string`],
    ['cut after a line of 6 MB', `[${'1,'.repeat(3e6)}`, `a:1:6000002: ${none}: Unexpected end of the text`],
    ['empty', '', 'a: cannot be read: the file is empty'],
    ['blank', ' \n', `a:2:1: ${none}: Unexpected end of the text`],
    ['other text', 'eventName: UpdatePipeline', `a:1:1: ${none}: Unexpected token 'e'`],
    ['binary', BINARY, `a:1:1: ${none}: Unexpected token '\\u0000'`],
    [
      'gzip that was cut',
      Buffer.from([0x1f, 0x8b, 8, 0, 0]),
      `a:1:1: ${none}: the file cannot be unpacked: unexpected end of file`,
    ],
  ])('%s', async (_title, content, message) => {
    expect(await inClean({ a: content }, ['events', 'a'])).toEqual(refused(message));
    expect(await inClean({ a: content }, ['audit', '--snapshot', 'account', '--events', 'a'])).toEqual(
      refused(message),
    );
  });

  test('all unreadable files are named at once', async () => {
    const files = { 'a/1': '[', 'a/2': GOOD, 'a/3': '', b: '{' };
    expect(await inClean(files, ['events', 'a', 'b', 'c'])).toEqual(
      refused(
        `a/1:1:2: ${none}: Unexpected end of the text`,
        'a/3: cannot be read: the file is empty',
        `b:1:2: ${none}: Expected property name or '}'`,
        'c: cannot be read: there is no such file',
      ),
    );
  });

  test('a folder without files, which would audit nothing', async () => {
    const made = (cwd: string) => mkdir(join(cwd, 'a/2026'), { recursive: true });
    expect(await inClean({}, ['events', 'a'], made)).toEqual(refused('a: there is no file in this folder'));
  });
});

describe('definitions that cannot be read', () => {
  test.each<[string, unknown, string]>([
    ['cut', '{\n  "Steps": [', 'a:2:13: not a pipeline definition: Unexpected end of the text'],
    ['empty', '', 'a:1:1: not a pipeline definition: Unexpected end of the text'],
    ['binary', BINARY, 'a: cannot be read: it is not text (UTF-8 or UTF-16)'],
    ['a list', [], 'a:1:1: not a pipeline definition: a pipeline definition is a JSON object with Steps'],
    ['no Steps', {}, 'a:1:1: not a pipeline definition: the definition has no list of Steps'],
    [
      'Steps behind __proto__',
      '{"__proto__":{"Steps":[]}}',
      'a:1:23: not a pipeline definition: its Steps must stand at the top of it, and not in /__proto__',
    ],
    [
      '6 MB',
      { ...GOOD, Metadata: 'x'.repeat(6e6) },
      expect.stringMatching(
        /^pipewarden: a:1:1: not a pipeline definition: the definition has 6\d+ characters; SageMaker takes at most 1048576\n$/,
      ) as never,
    ],
    [
      'cut within what describe-pipeline puts out',
      described('fraud', '{\n "Steps": ['),
      'a: its PipelineDefinition, line 2, column 12: not a pipeline definition: Unexpected end of the text',
    ],
    [
      'without the role that describe-pipeline puts out',
      { ...described('fraud', GOOD), RoleArn: undefined },
      'a:1:1: it holds no RoleArn of the pipeline fraud',
    ],
  ])('%s', async (_title, content, message) => {
    const expected =
      typeof message === 'string' ? refused(message) : { status: 2, stdout: '', stderr: message };
    expect(await inClean({ a: content }, ['lint', 'a'])).toEqual(expected);
  });

  test('a missing file and links in a circle, both named at once', async () => {
    const linked = (cwd: string) => symlink('c', join(cwd, 'c'));
    expect(await inClean({ d: GOOD }, ['lint', 'b', 'c', 'd'], linked)).toEqual(
      refused('b: cannot be read: there is no such file', 'c: cannot be read: its links lead in a circle'),
    );
  });
});

describe('configurations that cannot be used', () => {
  const key = (name: string) => `there is no key ${JSON.stringify(name)} here`;
  test.each<[string, unknown, string[]]>([
    ['empty', '', ['c:1:1: version: is missing; write version: 1, the only one there is']],
    [
      'no YAML',
      'version: 1\nprefixes: [\n',
      ['c:3:1: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    [
      'several problems',
      'version: 2\nroles: { step: [] }\nprefixes: [{ prefix: ml- }]\n',
      [
        'c:1:10: version: cannot be 2; write version: 1, the only one there is',
        'c:3:22: prefixes[0].prefix: is not the beginning of a job name; expected letters, digits and inner dashes, without the dash that follows it',
        `c:2:10: roles.step: ${key('step')}; did you mean "steps"?`,
      ],
    ],
    ['JSON', { version: 1, role: {} }, [`c:1:14: role: ${key('role')}; did you mean "roles"?`]],
    [
      'no ARN',
      'version: 1\nroles:\n  steps: [me]\n',
      [
        'c:3:11: roles.steps[0]: is not an ARN; expected arn:aws:<service>:<region>:<account>:<resource>, * and ? allowed',
      ],
    ],
    [
      'no date',
      `version: 1\nsuppressions:\n  - { control: job-name-prefix, resource: "${sagemakerArn('*')}", reason: x, expires: 2027-02-30 }\n`,
      ['c:3:109: suppressions[0].expires: is not a date; expected YYYY-MM-DD'],
    ],
    [
      'no control',
      'version: 1\ncontrols: { job-name-prefx: {} }\n',
      [
        'c:2:13: controls.job-name-prefx: there is no control "job-name-prefx"; did you mean "job-name-prefix"?',
      ],
    ],
    ['__proto__', 'version: 1\n__proto__: { roles: {} }\n', [`c:2:1: __proto__: ${key('__proto__')}`]],
    [
      'constructor',
      'version: 1\ncontrols: { constructor: {} }\n',
      ['c:2:13: controls.constructor: there is no control "constructor"'],
    ],
    ['binary', BINARY, ['c: cannot be read: it is not text (UTF-8 or UTF-16)']],
    ['too large', `version: 1\n#${'x'.repeat(2e6)}`, ['c: the configuration is larger than 1048576 bytes']],
  ])('%s', async (_title, content, lines) => {
    for (const args of [
      ['lint', 'a'],
      ['audit', '--snapshot', 'account'],
    ]) {
      const { status, stdout, stderr } = await inClean({ a: GOOD, c: content }, [...args, '--config', 'c']);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr.replace('pipewarden: ', '').trimEnd().split('\n').toSorted()).toEqual(lines.toSorted());
    }
  });

  test('a missing file is refused if it is named, and so is an invalid pipewarden.yaml', async () => {
    expect(await inClean({ a: GOOD }, ['lint', 'a', '--config', 'b'])).toEqual(
      refused('b: cannot be read: there is no such file'),
    );
    expect(await inClean({ a: GOOD, 'pipewarden.yaml': 'version: 0' }, ['lint', 'a'])).toEqual(
      refused('pipewarden.yaml:1:10: version: cannot be 0; write version: 1, the only one there is'),
    );
  });
});

describe('folders that are no snapshot', () => {
  const made =
    'it is no snapshot, as caller-identity.json is missing; `pipewarden snapshot --out DIR` makes one, and in one made by hand `aws sts get-caller-identity` makes that file';
  test.each<[string, Files, string, string]>([
    [
      'missing',
      {},
      'nowhere',
      'nowhere: there is no such folder; `pipewarden snapshot --out DIR` makes a snapshot',
    ],
    [
      'a file',
      {},
      'pipewarden.yaml',
      'pipewarden.yaml: it is a file, and the folder of a snapshot was expected; `pipewarden snapshot --out DIR` makes a snapshot',
    ],
    ['without caller-identity.json', { 'b/x': '' }, 'b', `b: ${made}`],
    [
      'an identity that is no JSON',
      { [IDENTITY_FILE]: '{"Account' },
      'account',
      'account: caller-identity.json:1:10: Unterminated string',
    ],
    [
      'an empty identity',
      { [IDENTITY_FILE]: '' },
      'account',
      'account: caller-identity.json:1:1: the file is empty: `aws sts get-caller-identity` failed; where its error says that there is none, write {"absent": true}',
    ],
    [
      'an identity behind __proto__',
      { [IDENTITY_FILE]: `{"__proto__":${JSON.stringify(IDENTITY)}}` },
      'account',
      'account: caller-identity.json: "Account" must be an account id: 12 digits in quotes',
    ],
    [
      'a number for the account',
      { [IDENTITY_FILE]: { ...IDENTITY, Account: 42 } },
      'account',
      'account: caller-identity.json: "Account" must be an account id: 12 digits in quotes',
    ],
    [
      'no Region',
      { [IDENTITY_FILE]: { ...IDENTITY, Region: undefined } },
      'account',
      'account: caller-identity.json: add "Region", such as "Region": "eu-west-1"; the AWS CLI leaves it out',
    ],
  ])('%s', async (_title, files, folder, message) => {
    expect(await inClean(files, ['audit', '--snapshot', folder])).toEqual(refused(message));
  });
});

describe('evidence in a snapshot that cannot be read', () => {
  const ARGS = ['audit', '--snapshot', 'account', '--format', 'json', '--quiet'];
  const pipelineFile = PIPELINE.replace('account/', '');
  const corsFile = BUCKET_CORS.replace('account/', '');
  const pipeline = sagemakerArn('pipeline/fraud');
  const bucket = 'arn:aws:s3:::acme-images';

  const gaps = ({ stdout }: Run): [string, string | undefined][] =>
    resultsOf({ stdout })
      .findings.filter(({ control }) => control === 'evidence-readable')
      .map(({ resource, evidence }) => [resource.arn, evidence[0]?.found]);

  test.each<[string, Files, string, string]>([
    [
      'a pipeline.json that was cut',
      { [PIPELINE]: '{"PipelineName": "fraud",' },
      pipeline,
      `Malformed: ${pipelineFile}:1:26: Expected double-quoted property name`,
    ],
    [
      'an empty pipeline.json',
      { [PIPELINE]: '' },
      pipeline,
      `Malformed: ${pipelineFile}:1:1: the file is empty: \`aws sagemaker describe-pipeline --pipeline-name fraud\` failed; where its error says that there is none, write {"absent": true}`,
    ],
    [
      'a binary pipeline.json',
      { [PIPELINE]: BINARY },
      pipeline,
      `Malformed: ${pipelineFile}:1:1: it is neither UTF-8 nor UTF-16 text`,
    ],
    [
      'a list in pipeline.json',
      { [PIPELINE]: [] },
      pipeline,
      `Malformed: ${pipelineFile}:1:1: it is not the output of describe-pipeline`,
    ],
    [
      'a pipeline.json of 9 MB',
      { [PIPELINE]: { ...described('fraud', GOOD), PipelineDescription: 'x'.repeat(9e6) } },
      pipeline,
      expect.stringMatching(/^TooLarge: .* has 9\d{6} bytes; at most 8388608 are read$/) as never,
    ],
    [
      'a definition that was cut',
      { [PIPELINE]: described('fraud', '{\n "Steps": [') },
      pipeline,
      'Unreadable: Unexpected end of the text',
    ],
    [
      '10,000 nested Conditions',
      { [PIPELINE]: described('fraud', NESTED) },
      pipeline,
      'NotChecked: its branches are nested deeper than 200 Conditions',
    ],
    [
      'a cors.json that was cut',
      { [BUCKET_CORS]: '{"CORSRules": [\n' },
      bucket,
      `Malformed: ${corsFile}:2:1: Unexpected end of the text`,
    ],
    [
      'a cors.json that is something else',
      { [BUCKET_CORS]: { Rules: [] } },
      bucket,
      `Malformed: ${corsFile}:1:1: it is not a CORS configuration with CORSRules`,
    ],
    [
      'rules behind __proto__',
      { [BUCKET_CORS]: `{"__proto__":${JSON.stringify(CORS)}}` },
      bucket,
      `Malformed: ${corsFile}:1:1: it is not a CORS configuration with CORSRules`,
    ],
  ])('%s', async (_title, files, resource, found) => {
    const audited = await inClean(files, ARGS);
    expect(audited).toMatchObject({ status: 3, stderr: '' });
    expect(gaps(audited)).toEqual([[resource, found]]);
  });

  test.each<[string, string, (file: string) => Promise<unknown>, string, string]>([
    [
      'no pipeline.json',
      PIPELINE,
      () => Promise.resolve(),
      pipeline,
      `NotInSnapshot: ${pipelineFile} is not in the snapshot; \`aws sagemaker describe-pipeline --pipeline-name fraud\` makes it`,
    ],
    [
      'no cors.json',
      BUCKET_CORS,
      () => Promise.resolve(),
      bucket,
      `NotInSnapshot: ${corsFile} is not in the snapshot; \`aws s3api get-bucket-cors --bucket acme-images\` makes it`,
    ],
    [
      'a folder for a file',
      BUCKET_CORS,
      (file) => mkdir(file),
      bucket,
      `Unreadable: ${corsFile} is not a file`,
    ],
    [
      'a link out of the snapshot',
      BUCKET_CORS,
      (file) => symlink('/etc/hostname', file),
      bucket,
      `Unreadable: ${corsFile} is a link that leads out of the snapshot`,
    ],
  ])('%s', async (_title, file, replace, resource, found) => {
    const audited = await inClean({}, ARGS, async (cwd) => {
      await rm(join(cwd, file));
      await replace(join(cwd, file));
    });
    expect(audited.status).toBe(3);
    expect(gaps(audited)).toEqual([[resource, found]]);
  });

  test.each<[string, Files]>([
    ['in pipeline.json', { [PIPELINE]: polluted(described('fraud', GOOD)) }],
    ['in the definition', { [PIPELINE]: described('fraud', polluted(GOOD)) }],
    ['in cors.json', { [BUCKET_CORS]: polluted(CORS) }],
    ['in caller-identity.json', { [IDENTITY_FILE]: polluted(IDENTITY) }],
  ])('keys of prototypes change no verdict: %s', async (_title, files) => {
    expect(await inClean(files, ARGS)).toMatchObject({ status: 0, stderr: '' });
  });

  test('steps and parameters with names of an object’s prototype are judged like any other', async () => {
    const step = {
      Name: '__proto__',
      Type: 'Training',
      Arguments: { TrainingJobName: 'fraud-train', RoleArn: { Get: 'Parameters.__proto__' } },
    };
    const parameter = { Name: '__proto__', Type: 'String', DefaultValue: roleArn('admin') };
    const { status, stdout } = await inClean(
      { [PIPELINE]: described('fraud', { ...definitionOf(step), Parameters: [parameter] }) },
      ARGS,
    );
    expect(status).toBe(1);
    expect(resultsOf({ stdout }).findings.map(({ control, subject }) => [control, subject])).toEqual([
      ['step-role-authorised', '__proto__'],
    ]);
  });

  test('10,000 nested Conditions are too deep for lint, which says so', async () => {
    const { status, stdout } = await inClean({ a: NESTED }, [
      'lint',
      'a',
      '--full',
      '--skip',
      'definition-valid',
    ]);
    expect(status).toBe(3);
    expect(stdout).toContain('NotChecked: its branches are nested deeper than 200 Conditions');
  });
});

describe('names that would forge or colour the output', () => {
  const HOSTILE = '\u001b[31mTrain\r\n  ✗ FAILED  pipeline other\u001b]0;title\u0007\u202e';

  test('in a table, on one line and without any effect', async () => {
    const files = {
      [PIPELINE]: described('fraud', definitionOf(trainStep('\u001b[31mred\n', 'steps/train', HOSTILE))),
    };
    const { status, stdout } = await inClean(files, ['audit', '--snapshot', 'account']);
    expect(status).toBe(1);
    expect(stripVTControlCharacters(stdout)).toBe(stdout);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
    // One line about the pipeline, and one about its role, which may not create a job of that name.
    expect(stdout.match(/^\s+✗ FAILED/gm)).toHaveLength(2);
    expect(stdout).toContain('\\u001b[31mTrain\\r\\n');
  });

  test('in what a file is called', async () => {
    expect(await inClean({ '\u001b[31ma': '[' }, ['lint', '\u001b[31ma'])).toEqual(
      refused('\\u001b[31ma:1:2: not a pipeline definition: Unexpected end of the text'),
    );
  });

  test('in a key of the configuration', async () => {
    const { status, stderr } = await inClean({ c: `version: 1\n"\\e[31mred": 1\n`, a: GOOD }, [
      'lint',
      'a',
      '--config',
      'c',
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('there is no key "\\u001b[31mred" here');
    expect(stripVTControlCharacters(stderr)).toBe(stderr);
  });

  test('as an account of another kind in an event, without a request for it', async () => {
    const arn = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/${HOSTILE}`;
    const event = {
      'detail-type': 'SageMaker Model Building Pipeline Execution Status Change',
      detail: { pipelineArn: arn },
    };
    const { status, stdout } = await inClean({ a: event }, [
      'audit',
      '--snapshot',
      'account',
      '--events',
      'a',
    ]);
    expect(status).toBe(3);
    expect(stripVTControlCharacters(stdout)).toBe(stdout);
  });
});

test('a working directory that was removed is told as that', async () => {
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$NODE" "$COMMAND" controls';
  await inFolder({}, async (cwd) => {
    const env = { PATH: process.env.PATH ?? '', NODE: process.execPath, COMMAND };
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd, env, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('pipewarden: the working directory is not there any more'),
    });
  });
});
