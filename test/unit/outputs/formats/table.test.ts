import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { toResults } from '../../../../shared/outputs/formats/results.ts';
import { toTable } from '../../../../shared/outputs/formats/table.ts';
import { lintedPlaces } from '../../../../shared/outputs/places/evidence-places.ts';
import { visibleText } from '../../../../shared/text/visible-text.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const table = (
  findings: Finding[],
  { width = 80, color = false, all = false, isFull = false, fixBy = '' } = {},
): string =>
  toTable(
    toResults({
      findings,
      generatedAt: '2026-11-24T03:44:05.123Z',
      account: '111122223333',
      region: 'eu-west-1',
      all,
    }),
    { width, color, isFull, fixBy },
  );

const lines = (text: string): string[] => text.split('\n');

const severalFindings: Finding[] = [
  aFinding({ subject: 'Train' }),
  aFinding({ subject: 'Evaluate' }),
  aFinding({
    control: 'image-bucket-cors',
    severity: 'HIGH',
    title: 'Image buckets have the CORS configuration that pipelines need',
    resource: { type: 'bucket', arn: 'arn:aws:s3:::acme-images' },
    remediation: {
      text: 'Put it.',
      patch: `aws s3api put-bucket-cors --bucket acme-images ${'--x '.repeat(20)}`.trim(),
    },
  }),
  aFinding({
    control: 'json-get-access',
    severity: 'HIGH',
    status: 'NOT_AVAILABLE',
    title: 'JsonGet can read',
    evidence: [{ at: 's3:GetBucketPolicy', found: 'AccessDenied', expected: 'a readable policy' }],
    remediation: { text: 'Allow it.', patch: '{\n  "Version": "2012-10-17"\n}' },
  }),
  aFinding({ control: 'job-prefix-length', severity: 'LOW', status: 'WARNING', title: 'Names are short' }),
  aFinding({ control: 'pass-role-scoped', suppression: { reason: 'replaced soon', expires: '2027-01-31' } }),
  aFinding({ status: 'PASSED', control: 'image-bucket-known' }),
  aFinding({ status: 'NOT_APPLICABLE', control: 'version-floor-kept' }),
];

describe('toTable', () => {
  test('names the line and column of what stands in a file that was linted', () => {
    const path = 'pipelines/fraud.json';
    const finding = aFinding({ resource: { type: 'pipeline', arn: path } });
    const expected = 'its own role';
    const first = { at: '/Steps/0', found: 'a shared role', expected };
    const missing = { at: '/Steps/0/Arguments/TrainingJobName', found: 'no base job name', expected };
    const elsewhere = { at: 'pipewarden.yaml', found: 'another', expected };
    const results = toResults({
      findings: [{ ...finding, evidence: [first, missing, elsewhere] }],
      generatedAt: '2026-11-24T03:44:05.123Z',
      account: '',
      region: '',
      all: false,
    });
    const files = new Map([[path, '{\n  "Steps": [\n    { "Arguments": {} }\n  ]\n}\n']]);
    const placeOf = lintedPlaces(files, results.findings);
    const places = lines(toTable(results, { width: 100, color: false, placeOf })).filter((line) =>
      line.startsWith('    at '),
    );
    expect(places).toEqual([
      `    at        ${path}:3:5 /Steps/0`,
      `    at        ${path}:3:20 /Steps/0/Arguments/TrainingJobName`,
      '    at        pipewarden.yaml',
    ]);
  });

  test('says what to do, most severe first', () => {
    expect(
      table(severalFindings, { all: true, fixBy: '--in out/results.json' }),
    ).toBe(`111122223333  eu-west-1  2026-11-24T03:44:05.123Z
Worst           HIGH image-bucket-cors: bucket acme-images
Findings        4: 1 high, 2 medium, 1 low
Not judged      1: pipeline fraud, s3:GetBucketPolicy: AccessDenied

 HIGH  1 failed, 1 not available ──────────────────────────────────────────────

image-bucket-cors  Image buckets have the CORS configuration that pipelines need
  explain   pipewarden explain image-bucket-cors
  ✗ FAILED  bucket acme-images
    at        /Steps/0
    found     a shared role
    expected  its own role
    remedy    Put it.
    fix       pipewarden fix image-bucket-cors/0a1b --in out/results.json

json-get-access  JsonGet can read
  explain   pipewarden explain json-get-access
  ? NOT AVAILABLE  pipeline fraud
    at        s3:GetBucketPolicy
    found     AccessDenied
    expected  a readable policy
    remedy    Allow it.
    fix       pipewarden fix json-get-access/0a1b --in out/results.json

 MEDIUM  2 failed ─────────────────────────────────────────────────────────────

step-isolation  Steps are isolated
  explain   pipewarden explain step-isolation
  ✗ FAILED  pipeline fraud › Evaluate
    at        /Steps/0
    found     a shared role
    expected  its own role
  ✗ FAILED  pipeline fraud › Train
    at        /Steps/0
    found     a shared role
    expected  its own role
  remedy    Give each step a role.

 LOW  1 warning ───────────────────────────────────────────────────────────────

job-prefix-length  Names are short
  explain   pipewarden explain job-prefix-length
  ! WARNING  pipeline fraud
    at        /Steps/0
    found     a shared role
    expected  its own role
    remedy    Give each step a role.

Passed
  image-bucket-known  pipeline fraud  /Steps/0: a shared role

Not applicable
  version-floor-kept  pipeline fraud  Give each step a role.

Suppressed
  pass-role-scoped  pipeline fraud  until 2027-01-31: replaced soon

pipewarden fix prints all of a finding, its command and how to undo it; --full
prints that of all. Commands are for sh, bash or zsh.

7 evaluated: 1 passed, 3 failed, 1 warning, 1 not available, 1 suppressed
`);
  });

  test('is the overview and a line of counts where nothing was found', () => {
    expect(table([aFinding({ status: 'PASSED' })])).toBe(
      '111122223333  eu-west-1  2026-11-24T03:44:05.123Z\nFindings        none\nNot judged      none\n\n' +
        '1 evaluated: 1 passed, 0 failed, 0 warnings, 0 not available, 0 suppressed\n',
    );
  });

  test('says a remedy once for several findings only where it is the same', () => {
    const text = table([
      aFinding({ subject: 'a' }),
      aFinding({ subject: 'b', remediation: { text: 'Another.' } }),
    ]);
    expect(text.match(/remedy/g)).toHaveLength(2);
  });

  test('shortens what is too long for a terminal, and says so', () => {
    const evidence = Array.from({ length: 11 }, (_, at) => ({
      at: `x${at}`,
      found: '𝒳'.repeat(10_240),
      expected: `y${at}`,
    }));
    const text = table([aFinding({ evidence })], { width: 140 });
    expect(text).toContain('𝒳… (10240 characters)');
    expect(text).toContain('    and 8 more pieces of evidence\n');
    expect(text).toContain('    fix       pipewarden fix step-isolation/0a1b\n');
    expect(lines(text).length).toBeLessThan(60);
  });

  test('prints an expected value that several places share once, after the last of them', () => {
    const evidence = [
      { at: '/Steps/0', found: 'no name', expected: 'a name' },
      { at: '/Steps/1', found: 'no name', expected: 'a name' },
      { at: '/Steps/2', found: 'x', expected: 'a name' },
    ];
    expect(table([aFinding({ evidence })])).toContain(`
    at        /Steps/0
    at        /Steps/1
    found     no name
    at        /Steps/2
    found     x
    expected  a name
    remedy `);
  });

  test('prints a place once for all that was found there', () => {
    const evidence = [
      { at: 'policy/a', found: 'it may create jobs', expected: 'less' },
      { at: 'policy/a', found: 'it may create models', expected: 'less' },
      { at: 'policy/b', found: 'it may create models', expected: 'nothing' },
    ];
    expect(table([aFinding({ evidence })])).toContain(`
    at        policy/a
    found     it may create jobs
    found     it may create models
    expected  less
    at        policy/b
    found     it may create models
    expected  nothing
    remedy `);
  });

  const role = (name: string, changes: Partial<Finding> = {}): Finding => ({
    ...aFinding({ id: `pipewarden/step-isolation/${name}00`, ...changes }),
    resource: { type: 'role', arn: `arn:aws:iam::111122223333:role/${name}` },
  });

  const tagged = (name: string, cause?: string): Finding =>
    role(name, {
      ...(cause === undefined ? {} : { cause }),
      remediation: {
        text: `Take the tag from ${name}.`,
        patch: `aws iam untag-role --role-name ${name}`,
        undo: `aws iam tag-role --role-name ${name}`,
        changes: `${name} loses it.`,
      },
    });

  test('leaves out what says the same of another step at the same place, and counts it', () => {
    const evidence = ['Train', 'Evaluate', 'Register'].map((step) => ({
      at: 'policy/a',
      found: `statement 0 denies ${step}`,
      expected: `allowed: ${step}`,
    }));
    const findings = [aFinding({ evidence })];
    expect(table(findings)).toContain(`
    at        policy/a
    found     statement 0 denies Train
    expected  allowed: Train
    and 2 more pieces of evidence
    remedy    Give each step a role.
    fix       pipewarden fix step-isolation/0a1b
`);
    expect(table(findings, { isFull: true })).toContain('allowed: Register');
  });

  test('prints a remedy that differs in the name of its resource alone once', () => {
    const text = table([tagged('features'), tagged('training')]);
    expect(text.match(/Take the tag/g)).toHaveLength(1);
    expect(text).toContain(`
  ✗ FAILED  role training
    at        /Steps/0
    found     a shared role
    expected  its own role
    remedy    as for role features
    fix       pipewarden fix step-isolation/training
`);
  });

  test('prints one cause once: its resources, one remedy and one command to see all', () => {
    const text = table([tagged('features', 'c'), tagged('training', 'c')]);
    expect(text).toContain('    also on   training: one cause, 2 findings\n');
    expect(text.match(/remedy|fix {7}/g)).toEqual(['remedy', 'fix       ']);
    expect(text).not.toContain('untag-role');
  });

  test('has each command with its undo and what it changes where it is asked to be full', () => {
    const text = table([tagged('features', 'c'), tagged('training', 'c')], { isFull: true });
    for (const name of ['features', 'training'])
      expect(text).toContain(`    patch     aws iam untag-role --role-name ${name}
    undo      aws iam tag-role --role-name ${name}
    changes   ${name} loses it.
`);
    expect(text).not.toContain('pipewarden fix');
    expect(text).toContain('Commands are for sh, bash or zsh.');
  });

  test('leaves nothing out that a person could read where it is asked to be full', () => {
    const evidence = Array.from({ length: 11 }, (_, at) => ({
      at: `place ${at}`,
      found: 'x',
      expected: 'y',
    }));
    const text = `${'One sentence more. '.repeat(60)}The end.`;
    const full = table([aFinding({ evidence, remediation: { text } })], { isFull: true, width: 2000 });
    for (const { at } of evidence) expect(full).toContain(`at        ${at}\n`);
    expect(full).toContain(`remedy    ${text}\n`);
  });

  test('cuts a long remedy behind a sentence, and names the command that prints the rest', () => {
    const text = `${'Write the policy that it needs. '.repeat(20)}Keep each Deny.`;
    const shown = table([aFinding({ remediation: { text } })], { width: 2000 });
    expect(shown).toMatch(/remedy {4}(Write the policy that it needs\. ?)+ …\n {4}fix {7}pipewarden fix /);
    expect(shown).not.toContain('characters)');
  });

  test('has no command where nothing is left out', () => {
    const patch = '[{"op":"add","path":"/Steps/0/Arguments/TrainingJobName","value":"fraud"}]';
    const text = table([aFinding({ remediation: { text: 'Name it.', patch } })]);
    expect(text).toContain(`    patch     ${patch}\n`);
    expect(text).not.toContain('pipewarden fix');
  });

  test('counts what could not be read of many resources for one reason once', () => {
    const denied = (name: string): Finding =>
      role(name, {
        control: 'evidence-readable',
        status: 'NOT_AVAILABLE',
        evidence: [
          { at: 'ListRoleTags', found: `AccessDenied: not allowed on ${name}`, expected: 'an answer' },
        ],
      });
    const text = table([denied('features'), denied('training')]);
    expect(text).toContain(' MEDIUM  1 not available ');
    expect(text).toContain('    also on   training: one cause, 2 findings\n');
  });

  test('prints evidence that several controls lack once, with what it keeps from judging', () => {
    const reason = 's3/acme/policy.json: NotInSnapshot: s3/acme/policy.json is not in the snapshot';
    const lacking = (control: string, name: string, found: string): Finding =>
      role(name, { control, status: 'NOT_AVAILABLE', evidence: [{ at: 'policies', found, expected: 'x' }] });
    const findings = [
      lacking(
        'json-get-access',
        'one',
        `whether it may is not known: policy of bucket acme cannot be read: ${reason}`,
      ),
      lacking('step-isolation', 'two', `whether it is: policy of bucket acme cannot be read: ${reason}`),
      lacking('step-isolation', 'three', reason),
      lacking('step-isolation', 'four', reason.replaceAll('acme', 'other')),
    ];
    const text = table(findings, { width: 200 });
    // Once in the summary, and once in the list.
    expect(text.match(/s3\/acme\/policy\.json: NotInSnapshot/g)).toHaveLength(2);
    expect(text).toContain('The same keeps from judging: step-isolation (three, two).');
    expect(text).toContain('role four');
    const full = table(findings, { width: 200, isFull: true });
    for (const name of ['one', 'two', 'three', 'four']) expect(full).toContain(`role ${name}\n`);
  });

  test('does not list what could be read as passed', () => {
    const text = table(
      [aFinding({ status: 'PASSED' }), aFinding({ status: 'PASSED', control: 'evidence-readable' })],
      { all: true },
    );
    expect(text).toContain(
      'Passed\n  step-isolation  pipeline fraud  /Steps/0: a shared role\n\n1 evaluated: 1 passed',
    );
  });

  test.each([
    ['arn:aws:iam::111122223333:role/steps/*, arn:aws:iam::111122223333:user/ann', 'role/steps/*, user/ann'],
    ['on arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud', 'on pipeline/fraud'],
    ['on arn:aws:sagemaker:us-east-1:111122223333:pipeline/fraud', undefined],
    ['arn:aws:iam::444455556666:role/fraud', undefined],
    ['arn:aws:iam::111122223333:root may assume the role', undefined],
    ['arn:aws:iam::aws:policy/AdministratorAccess', undefined],
    ['aws sagemaker list-tags --resource-arn arn:aws:sagemaker:eu-west-1:111122223333:x/y', undefined],
    ['{"Resource":"arn:aws:iam::111122223333:role/x"}', undefined],
  ])('shortens ARNs of the account and Region in the heading: %s', (found, short) => {
    const text = table([aFinding({ evidence: [{ at: 'x', found, expected: '' }] })], { width: 120 });
    expect(text).toContain(`found     ${short ?? found}\n`);
  });

  test('leaves the ARNs of a patch as they are', () => {
    const patch = 'aws iam delete-role arn:aws:iam::111122223333:role/x';
    expect(table([aFinding({ remediation: { text: 'Do.', patch } })], { isFull: true })).toContain(
      `patch     ${patch}\n`,
    );
  });

  test('breaks a line at a space rather than within an ARN', () => {
    const arn = 'arn:aws:s3:::acme-features/clean/quality/of/a/very/long/path.json';
    const text = table([
      aFinding({ evidence: [{ at: 'x', found: `allows s3:GetObject on ${arn}`, expected: '' }] }),
    ]);
    expect(text).toContain(`found     allows s3:GetObject on\n              ${arn}\n`);
  });

  test('colours only when it is asked to, and nothing but colour changes', () => {
    const coloured = table(severalFindings, { color: true, all: true });
    expect(coloured).toContain('\u001b[');
    expect(stripVTControlCharacters(coloured)).toBe(table(severalFindings, { all: true }));
  });

  test('shows what could drive the terminal or forge a line', () => {
    const findings = [
      aFinding({
        subject: '\u001b[2J\u001b]8;;http://x\u0007',
        resource: { type: 'role', arn: 'arn:aws:iam::111122223333:role/a\u202egnp' },
        evidence: [{ at: 'x\n0 failed', found: '\u009b31m', expected: 'a\u200bb\u00a0c\r\t' }],
        remediation: { text: 'ok', patch: 'aws x\u001b[1A' },
      }),
    ];
    const text = table(findings, { isFull: true });
    for (const hidden of ['\u001b', '\u202e', '\u0007']) expect(table(findings)).not.toContain(hidden);
    expect(text).toContain('role a\\u202egnp › \\u001b[2J\\u001b]8;;http://x\\u0007');
    expect(text).toContain('at        x\\n0 failed');
    expect(text).toContain('found     \\u009b31m');
    expect(text).toContain('expected  a\\u200bb\\u00a0c\\r\\t');
    expect(text).toContain('patch     aws x\\u001b[1A');
  });

  const hostile = fc.string({
    unit: fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom(
        '\u001b[31m',
        '\n',
        '\u202e',
        '漢',
        'e\u0301',
        '👩‍👩‍👧',
        ' ',
        ':',
        '/',
        '\ud800',
        'क्षि',
        '한',
      ),
    ),
    maxLength: 200,
  });

  test.each([40, 80, 120])(
    'holds every line within %i columns, without control characters, for any text',
    (width) => {
      fc.assert(
        fc.property(hostile, hostile, hostile, (name, value, reason) => {
          const text = table(
            [
              aFinding({ control: name, title: value, subject: value, remediation: { text: value } }),
              aFinding({
                evidence: [{ at: name, found: value, expected: reason }],
                resource: { type: 'job', arn: value },
              }),
              aFinding({ control: name, suppression: { reason, expires: value } }),
            ],
            { width },
          );
          expect(text).not.toMatch(/[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]--[\n]]/v);
          // A command is for the terminal to wrap, so that it can be copied.
          const isWide = (line: string) =>
            stringWidth(line) > width && !/^ +fix {7}pipewarden fix /.test(line);
          expect(lines(text).filter(isWide)).toEqual([]);
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe('visibleText', () => {
  test.each([
    ['plain text, ünïcode, 漢字, עברית', 'plain text, ünïcode, 漢字, עברית'],
    ['👩‍👩‍👧 ❤️ 🇫🇷 1️⃣', '👩‍👩‍👧 ❤️ 🇫🇷 1️⃣'],
    ['admin\u200d', 'admin\\u200d'],
    ['a\u3164b\ufeff', 'a\\u3164b\\ufeff'],
    ['\u{e0041}', '\\udb40\\udc41'],
    ['\ud800', '\\ud800'],
  ])('%j is shown as %s', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  test('is what JSON reads back, for text without backslashes and quotes', () => {
    const plain = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/["\\]/g, ''));
    fc.assert(fc.property(plain, (text) => expect(JSON.parse(`"${visibleText(text)}"`)).toBe(text)));
  });
});

test.each([
  ['abc', 3],
  ['漢字', 4],
  ['ｱｲ', 2],
  ['ＡＢ', 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['한글', 4],
  ['…›✗', 3],
])('%s takes %i columns', (text, width) => {
  expect(stringWidth(text)).toBe(width);
});
