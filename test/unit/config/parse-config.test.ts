import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError, parseConfig } from '../../../shared/config/parse-config.ts';
import { samples } from '../../support/samples.ts';

const CONTROLS = ['job-prefix-length', 'step-role-authorised', 'step-isolation'];
const VERSION = 'write version: 1, the only one there is';
const parse = (text: string) => parseConfig(text, 'pipewarden.yaml', CONTROLS);

/** The problems of a text that is refused, without the file's name before each. */
const problemsOf = (text: string): string[] => {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^pipewarden\.yaml:/, ''));
  }
  throw new Error('it was accepted');
};

const EXAMPLE = `version: 1
prefixes:
  - prefix: fraud-train            # without the dash that follows it
    stepTypes: [Training, Tuning]
    roles: [arn:aws:iam::*:role/fraud-*]        # who may use it
    pipelines: [fraud-*]
  - prefix: pipelines                # default names are fine for these pipelines
    pipelines: [sandbox-*]
roles:
  creators: [arn:aws:iam::111122223333:role/data-scientist]
  execution: [arn:aws:iam::111122223333:role/pipelines/*]
  steps: [arn:aws:iam::111122223333:role/steps/*]
  isolation: required
imageBuckets: { names: [acme-images], tags: { pipewarden: image-bucket } }
versionFloors: [ { pipeline: fraud-*, minimum: 6, except: [arn:aws:iam::*:role/release] } ]
scpException: { tagKey: pipelines-json-get, tagValue: "true", taggers: [arn:aws:iam::*:role/platform-admin] }
controls: { job-prefix-length: { severity: low } }
suppressions:
  - control: step-isolation
    resource: arn:aws:sagemaker:*:*:pipeline/legacy-*
    reason: replaced in January
    expires: 2027-01-31              # after it the finding is back, with a note
alerts: { minimumSeverity: high, digest: { minutes: 15 } }
finished: { expireDays: 90 }
`;

describe('a configuration is accepted:', () => {
  test('with every field', () => {
    expect(parse(EXAMPLE)).toMatchObject({
      version: 1,
      prefixes: [{ prefix: 'fraud-train', stepTypes: ['Training', 'Tuning'] }, { prefix: 'pipelines' }],
      roles: { isolation: 'required' },
      imageBuckets: { tags: { pipewarden: 'image-bucket' } },
      versionFloors: [{ pipeline: 'fraud-*', minimum: 6 }],
      scpException: { tagValue: 'true' },
      controls: { 'job-prefix-length': { severity: 'low' } },
      suppressions: [{ expires: '2027-01-31' }],
      alerts: { digest: { minutes: 15 } },
      finished: { expireDays: 90 },
    });
  });

  test.each([
    ['as JSON', JSON.stringify(parse(EXAMPLE))],
    ['as JSON over several lines', JSON.stringify(parse(EXAMPLE), null, 2)],
    ['as JSON with tabs', JSON.stringify(parse(EXAMPLE), null, '\t')],
    ['with Windows’ line ends', EXAMPLE.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\ufeff${EXAMPLE}`],
  ])('the example %s', (_, text) => {
    expect(parse(text)).toEqual(parse(EXAMPLE));
  });

  test('a list that is used twice', () => {
    const role = 'arn:aws:iam::*:role/x';
    expect(parse(`version: 1\nroles: { steps: &list ["${role}"], execution: *list }`).roles).toEqual({
      steps: [role],
      execution: [role],
    });
  });

  test('a control that is switched off with a reason', () => {
    const text = 'version: 1\ncontrols: { step-isolation: { enabled: false, reason: in March } }';
    expect(parse(text).controls).toEqual({ 'step-isolation': { enabled: false, reason: 'in March' } });
  });
});

const suppression = (changes: string) =>
  `version: 1\nsuppressions:\n  - { control: step-isolation, resource: "arn:aws:s3:::x", reason: x, ${changes} }`;
const NO_ARN = 'is not an ARN; expected arn:aws:<service>:<region>:<account>:<resource>, * and ? allowed';
const NEITHER =
  'is neither an ARN nor the path of a file; expected arn:aws:<service>:<region>:<account>:<resource>, or such as pipelines/*.json for what is linted';
const NO_ROLE = 'is not the ARN of a role; expected arn:aws:iam::<account>:role/<name>, * and ? allowed';
const NO_PREFIX =
  'is not the beginning of a job name; expected letters, digits and inner dashes, without the dash that follows it';

describe('a configuration is refused, with the place of', () => {
  test.each<[string, string, string[]]>([
    [
      'a mistyped key at the top',
      'version: 1\nprefixs: []',
      ['2:1: prefixs: there is no key "prefixs" here; did you mean "prefixes"?'],
    ],
    [
      'a schedule of reports that is none',
      'version: 1\nreports:\n  schedule: [rate(1 day), weekly]',
      ['3:27: reports.schedule[1]: is not a schedule; expected rate(6 hours) or cron(0 6 ? * MON *)'],
    ],
    [
      'no schedule of reports at all',
      'version: 1\nreports: { schedule: [] }',
      ['2:22: reports.schedule: must not be empty'],
    ],
    [
      'a mistyped key of a prefix',
      'version: 1\nprefixes:\n  - prefix: a\n    steptype: [Training]',
      ['4:5: prefixes[0].steptype: there is no key "steptype" here; did you mean "stepTypes"?'],
    ],
    [
      'a mistyped key of the roles',
      'version: 1\nroles:\n  setps: []',
      ['3:3: roles.setps: there is no key "setps" here; did you mean "steps"?'],
    ],
    [
      'a mistyped key of the image buckets',
      'version: 1\nimageBuckets: { tag: {} }',
      ['2:17: imageBuckets.tag: there is no key "tag" here; did you mean "tags"?'],
    ],
    [
      'a mistyped key of a version floor',
      'version: 1\nversionFloors: [{ pipeline: a, minimum: 6, expect: [] }]',
      ['2:44: versionFloors[0].expect: there is no key "expect" here; did you mean "except"?'],
    ],
    [
      'a mistyped key of the SCP’s exception',
      'version: 1\nscpException: { tagKey: a, tagValue: b, tagger: [] }',
      ['2:41: scpException.tagger: there is no key "tagger" here; did you mean "taggers"?'],
    ],
    [
      'a mistyped key of a control’s setting',
      'version: 1\ncontrols: { step-isolation: { severty: low } }',
      ['2:31: controls.step-isolation.severty: there is no key "severty" here; did you mean "severity"?'],
    ],
    [
      'a mistyped key of a suppression',
      suppression('expires: 2027-01-31, expire: x'),
      ['3:92: suppressions[0].expire: there is no key "expire" here; did you mean "expires"?'],
    ],
    [
      'a mistyped key of the alerts',
      'version: 1\nalerts: { digset: 1 }',
      ['2:11: alerts.digset: there is no key "digset" here; did you mean "digest"?'],
    ],
    ['a key that is like no other', 'version: 1\nowner: me', ['2:1: owner: there is no key "owner" here']],
    ['a key that is a number', 'version: 1\n12: me', ['2:1: 12: there is no key "12" here']],
    [
      'a key that every object has',
      'version: 1\n__proto__: {}',
      ['2:1: __proto__: there is no key "__proto__" here'],
    ],
    [
      'a mistyped control',
      'version: 1\ncontrols:\n  job-prefix-lenght: { severity: low }',
      [
        '3:3: controls.job-prefix-lenght: there is no control "job-prefix-lenght"; did you mean "job-prefix-length"?',
      ],
    ],
    [
      'a mistyped control of a suppression',
      suppression('expires: 2027-01-31').replace('step-isolation', 'step-isolatoin'),
      ['3:16: suppressions[0].control: there is no control "step-isolatoin"; did you mean "step-isolation"?'],
    ],
    [
      'a control that is like no other',
      'version: 1\ncontrols: { spelling: {} }',
      ['2:13: controls.spelling: there is no control "spelling"'],
    ],
    [
      'a control that is switched off without a reason',
      'version: 1\ncontrols: { step-isolation: { enabled: false } }',
      ['2:29: controls.step-isolation: switches a control off without a reason; add reason: …'],
    ],
    [
      'a mistyped severity',
      'version: 1\ncontrols: { step-isolation: { severity: hihg } }',
      [
        '2:41: controls.step-isolation.severity: must be informational or low or medium or high or critical, and is the text "hihg"; did you mean "high"?',
      ],
    ],
    [
      'a step type that makes no job',
      'version: 1\nprefixes: [{ prefix: a, stepTypes: [Training, Lambda] }]',
      [
        '2:47: prefixes[0].stepTypes[1]: must be Training or Processing or Transform or Tuning or AutoML or Model or RegisterModel or QualityCheck or ClarifyCheck or Job, and is the text "Lambda"',
      ],
    ],
    [
      'a prefix with its dash',
      'version: 1\nprefixes: [{ prefix: fraud- }]',
      [`2:22: prefixes[0].prefix: ${NO_PREFIX}`],
    ],
    [
      'a prefix with a star',
      'version: 1\nprefixes: [{ prefix: "fraud*" }]',
      [`2:22: prefixes[0].prefix: ${NO_PREFIX}`],
    ],
    [
      'an empty list, which would authorise nobody',
      'version: 1\nprefixes: [{ prefix: a, roles: [] }]',
      ['2:32: prefixes[0].roles: must not be empty'],
    ],
    [
      'an ARN that is none',
      'version: 1\nroles: { steps: [role/x, "arn:aws:iam::12345:role/x"] }',
      [`2:18: roles.steps[0]: ${NO_ARN}`, `2:26: roles.steps[1]: ${NO_ARN}`],
    ],
    [
      'a bucket’s ARN for a role’s',
      'version: 1\nroles: { execution: ["arn:aws:s3:::acme"] }',
      [`2:22: roles.execution[0]: ${NO_ROLE}`],
    ],
    [
      'a suppression’s resource that is no ARN',
      suppression('expires: 2027-01-31').replace('arn:aws:s3:::x', 'legacy-*'),
      [`3:42: suppressions[0].resource: ${NEITHER}`],
    ],
    [
      'a day that does not exist',
      suppression('expires: 2027-02-30'),
      ['3:80: suppressions[0].expires: is not a date; expected YYYY-MM-DD'],
    ],
    [
      'a date in another order',
      suppression('expires: 31.01.2027'),
      ['3:80: suppressions[0].expires: is not a date; expected YYYY-MM-DD'],
    ],
    [
      'a suppression without an end',
      'version: 1\nsuppressions:\n  - control: step-isolation\n    resource: "arn:aws:s3:::x"\n    reason: x',
      ['3:5: suppressions[0].expires: is missing; expected a text'],
    ],
    [
      'a text for a list',
      'version: 1\nroles: { steps: "arn:aws:iam::*:role/x" }',
      ['2:17: roles.steps: must be a list, and is the text "arn:aws:iam::*:role/x"'],
    ],
    [
      'a list for a section',
      'version: 1\nroles: []',
      ['2:8: roles: must be keys with values, and is a list'],
    ],
    [
      'a number that is too small',
      'version: 1\nversionFloors: [{ pipeline: a, minimum: 0 }]',
      ['2:41: versionFloors[0].minimum: must be 1 or more'],
    ],
    ['no version', 'prefixes: []', [`1:1: version: is missing; ${VERSION}`]],
    ['another version', 'version: 2', [`1:10: version: cannot be 2; ${VERSION}`]],
    ['a version in quotes', 'version: "1"', [`1:10: version: cannot be the text "1"; ${VERSION}`]],
    ['an empty file', '', [`1:1: version: is missing; ${VERSION}`]],
    ['a file of comments', '# later\n', [`1:1: version: is missing; ${VERSION}`]],
    [
      'a list as the whole',
      '- version: 1',
      ['1:1: expected keys with values, such as version: 1, and found a list'],
    ],
    [
      'a key that stands there twice',
      'version: 1\nroles: {}\nroles: {}',
      ['3:1: the key roles stands twice in one map, first at line 2, column 1; keep one of the two'],
    ],
    [
      'a key that stands there twice by an escape',
      '{"version": 1, "\\u0076ersion": 1}',
      ['1:16: the key version stands twice in one map, first at line 1, column 2; keep one of the two'],
    ],
    [
      'a key that is a number once and a text once',
      'version: 1\nimageBuckets: { tags: { 1: a, "1": b } }',
      ['2:31: the key 1 stands twice in one map, first at line 2, column 25; keep one of the two'],
    ],
    [
      'a key that is an alias of one before it',
      'version: 1\nimageBuckets: { names: [&x acme], tags: { acme: a, *x : b } }',
      ['2:52: the key acme stands twice in one map, first at line 2, column 43; keep one of the two'],
    ],
    ['a list as a key', 'version: 1\nimageBuckets: { tags: { ? [a] : b } }', ['2:27: a key must be a text']],
    ['tabs', 'version: 1\nroles:\n\tsteps: []', ['3:1: Tabs are not allowed as indentation']],
    [
      'a second document',
      'version: 1\n---\nversion: 1',
      ['2:1: a second document begins here; one is expected'],
    ],
    [
      'an alias that leads nowhere',
      'version: 1\nprefixes: *others',
      ['2:11: Unresolved alias (the anchor must be set before the alias): others'],
    ],
    ['a set', 'version: 1\nroles: !!set { steps }', ['2:14: roles.steps: must be a list, and is null']],
    [
      'everything that is wrong at once',
      'version: 2\nroles:\n  setps: []\n  steps: [x]',
      [
        `1:10: version: cannot be 2; ${VERSION}`,
        `4:11: roles.steps[0]: ${NO_ARN}`,
        '3:3: roles.setps: there is no key "setps" here; did you mean "steps"?',
      ],
    ],
  ])('%s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test('a syntax error', () => {
    expect(problemsOf('version: 1\nroles: { steps: [')[0]).toMatch(/^2:18: Flow sequence/);
  });

  test('a file of two megabytes', () => {
    expect(problemsOf(`version: 1\n#${'x'.repeat(2 * 1024 * 1024)}`)).toEqual([
      ' the configuration is larger than 1048576 bytes',
    ]);
  });

  test('aliases that would grow beyond all bounds', () => {
    const bomb = [
      'a: &a [x, x]',
      ...'bcdefghij'.split('').map((name, i) => {
        const before = 'abcdefghij'[i];
        return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`;
      }),
    ];
    expect(problemsOf(bomb.join('\n'))).toEqual([expect.stringMatching(/^2:8: Excessive alias count/)]);
  });

  test.each([
    ['brackets', '['.repeat(20_000), '1:65: brackets are nested deeper than 64'],
    [
      'maps in maps',
      `a: ${'{a: '.repeat(65)}1${'}'.repeat(65)}`,
      '1:260: brackets are nested deeper than 64',
    ],
    ['aliases', `a: &a 1\n${'b: [*a, *a, *a, *a]\n'.repeat(30)}`, '27:5: there are more than 100 aliases'],
    ['signs', `a: [${','.repeat(200_000)}]`, '1:100001: there are more than 100000 words and signs'],
  ])('more %s than any configuration has, before they are parsed', (_, text, message) => {
    expect(problemsOf(text)).toEqual([message]);
  });

  test('lists nested deeper than anybody writes them', () => {
    expect(problemsOf('- '.repeat(5000))[0]).toMatch(/^1:\d+: it is nested too deeply$/);
  });

  test('but brackets inside a text may be any number', () => {
    const signs = '*[{'.repeat(200);
    const texts = [`"${signs}"`, `'${signs}'`, `|\n    ${signs}\n`, `x${signs.replaceAll(/[[{]/g, 'y')}`];
    for (const text of texts)
      expect(problemsOf(`version: 1\nfinished: ${text}`).join()).toMatch(/^2:\d+: finished: /);
    expect(parse(`version: 1\nprefixes: [${'{prefix: a}, '.repeat(90)}{prefix: a}]`).prefixes).toHaveLength(
      91,
    );
  });

  test('thousands of problems, of which the first are listed', () => {
    const keys = Array.from({ length: 15_000 }, (_, index) => `k${index}: 1`);
    const problems = problemsOf(['version: 1', ...keys].join('\n'));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toMatch(/and 14980 more$/);
  });
});

describe('whatever the text', () => {
  const refusesOrAccepts = (text: string): void => {
    try {
      expect(parse(text).version).toBe(1);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).message).toMatch(/^pipewarden\.yaml:/);
    }
  };
  const pieces = [
    'version: 1',
    'prefixes:',
    'roles:',
    'controls:',
    'suppressions:',
    '  - prefix: ',
    '  steps: [',
    ']',
    '{',
    '}',
    ': ',
    '&a ',
    '*a',
    '!!int ',
    '!!set ',
    '? ',
    '- ',
    '|',
    '>',
    '"',
    "'",
    '#',
    '\n',
    '\n  ',
    '\t',
    '<<: ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    'job-prefix-length',
    '__proto__',
    'null',
    '~',
    '1e999',
    '.nan',
    '2027-02-30',
    '\ufeff',
    '\u0000',
  ];

  test('nothing but a ConfigError is thrown', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), refusesOrAccepts));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 5 })), { maxLength: 40 }),
        (parts) => refusesOrAccepts(parts.join('')),
      ),
      { numRuns: samples(2000) },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => refusesOrAccepts(JSON.stringify({ version: 1, roles: value }))),
    );
  });
});
