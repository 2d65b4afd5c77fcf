import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { REQUIRED_CORS } from '../../../../shared/policies/required-cors.ts';
import { corsRules } from '../../../../shared/reader/answers/cors.ts';
import { corsRulesOfXml } from '../../../../shared/reader/answers/cors-xml.ts';
import type { CorsRule } from '../../../../shared/reader/reader.ts';
import { describeCases } from '../../../support/builders/cases.ts';

const RULE = { AllowedHeaders: ['*'], AllowedMethods: ['PUT'], AllowedOrigins: ['*'] };
const READ = { allowedHeaders: ['*'], allowedMethods: ['PUT'], allowedOrigins: ['*'], exposeHeaders: [] };
const XML_RULE =
  '<CORSRule><AllowedHeader>*</AllowedHeader><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>';

describe('a CORS configuration in JSON', () => {
  test.each<[string, unknown, CorsRule[]]>([
    ['as the CLI gives it', { CORSRules: [RULE] }, [READ]],
    ['as the console takes it', [RULE], [READ]],
    ['with one rule instead of a list', { CORSRules: RULE }, [READ]],
    ['as put-bucket-cors takes it', { CORSConfiguration: { CORSRules: [RULE] } }, [READ]],
    [
      'as CloudFormation writes it',
      { CorsRules: [{ ...RULE, ExposedHeaders: [], MaxAge: 5 }] },
      [{ ...READ, maxAgeSeconds: 5 }],
    ],
    [
      'as the state of Terraform holds it, where 0 stands for no age',
      {
        cors_rule: [
          {
            allowed_headers: ['*'],
            allowed_methods: ['PUT'],
            allowed_origins: ['*'],
            expose_headers: [],
            id: '',
            max_age_seconds: 0,
          },
        ],
      },
      [READ],
    ],
    [
      'as Terraform holds it with an age',
      { bucket: 'b', cors_rule: { allowed_methods: ['GET'], allowed_origins: ['*'], max_age_seconds: 5 } },
      [{ ...READ, allowedHeaders: [], allowedMethods: ['GET'], maxAgeSeconds: 5 }],
    ],
    [
      'as CloudTrail turns the document of S3 into JSON',
      {
        CORSConfiguration: {
          xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/',
          CORSRule: {
            AllowedHeader: '*',
            AllowedMethod: 'PUT',
            AllowedOrigin: '*',
            MaxAgeSeconds: '3000',
            ID: 7,
          },
        },
      },
      [{ ...READ, maxAgeSeconds: 3000 }],
    ],
    [
      'with scalars that lost their type',
      { CORSRules: [{ ...RULE, ExposeHeaders: [true, 5] }] },
      [{ ...READ, exposeHeaders: ['5', 'true'] }],
    ],
    ['with an empty element for a list', { CORSRules: [{ ...RULE, ExposeHeaders: '' }] }, [READ]],
    ['with one value twice', { CORSRules: [{ ...RULE, AllowedMethods: ['PUT', 'PUT'] }] }, [READ]],
    ['without rules', { CORSRules: [] }, []],
    ['empty, as CloudTrail writes it', { CORSConfiguration: '' }, []],
  ])('%s', (_, document, expected) => {
    expect(corsRules(document)).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a text', 'CORSRules'],
    ['an object without rules', {}],
    ['rules that are null', { CORSRules: null }],
    ['a rule that is a text', { CORSRules: ['PUT'] }],
    ['a method that is an object', { CORSRules: [{ ...RULE, AllowedMethods: [{}] }] }],
    ['a time that is no number', { CORSRules: [{ ...RULE, MaxAgeSeconds: 'soon' }] }],
    ['inherited members', JSON.parse('{"__proto__": {"CORSRules": []}}')],
  ])('%s is no CORS configuration, rather than one without rules', (_, document) => {
    expect(corsRules(document)).toBeUndefined();
  });
});

describe('a CORS configuration in XML', () => {
  test.each([
    ['plain', `<CORSConfiguration>${XML_RULE}</CORSConfiguration>`],
    [
      'declared, commented and with a name space',
      `<?xml version="1.0"?>\n<!-- c --><s3:CORSConfiguration xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/">${XML_RULE}</s3:CORSConfiguration>`,
    ],
  ])('%s', (_, text) => {
    expect(corsRulesOfXml(text)).toEqual({ ok: true, value: [READ] });
  });

  test('without rules', () => {
    expect(corsRulesOfXml('<CORSConfiguration>\n</CORSConfiguration>')).toEqual({ ok: true, value: [] });
  });

  test.each([
    ['an element that is not closed', '<CORSConfiguration>\n<CORSRule></CORSConfiguration>', 2],
    ['another document', '<Error><Code>AccessDenied</Code></Error>', 1],
    ['an element of another kind', '<CORSConfiguration><Rule/></CORSConfiguration>', 1],
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><CORSConfiguration>&a;</CORSConfiguration>', 1],
    ['text around it', 'hello', 1],
  ])('%s is refused with its place', (_, text, line) => {
    expect(corsRulesOfXml(text)).toMatchObject({ ok: false, error: { line, message: expect.any(String) } });
  });
});

type Rule = {
  AllowedHeaders: string[];
  AllowedMethods: string[];
  AllowedOrigins: string[];
  ExposeHeaders: string[];
  MaxAgeSeconds?: number;
};

const word = fc.stringMatching(/^[A-Za-z0-9*:/.-]{1,12}$/);
const words = fc.uniqueArray(word, { maxLength: 4 });
/** S3 takes no rule without a method and an origin. */
const someWords = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });
const ruleOf = fc.record(
  {
    AllowedHeaders: words,
    AllowedMethods: someWords,
    AllowedOrigins: someWords,
    ExposeHeaders: words,
    MaxAgeSeconds: fc.nat(86_400),
  },
  { requiredKeys: ['AllowedHeaders', 'AllowedMethods', 'AllowedOrigins', 'ExposeHeaders'] },
);

/** The same rule in another order: of its members, and within each list. */
const shuffled = (rule: Rule): fc.Arbitrary<Rule> => {
  const lists = (['AllowedHeaders', 'AllowedMethods', 'AllowedOrigins', 'ExposeHeaders'] as const).map(
    (name) =>
      fc
        .shuffledSubarray(rule[name], { minLength: rule[name].length })
        .map((list): [string, unknown] => [name, list]),
  );
  const age: [string, unknown][] =
    rule.MaxAgeSeconds === undefined ? [] : [['MaxAgeSeconds', rule.MaxAgeSeconds]];
  return fc
    .tuple(...lists)
    .chain((members) => fc.shuffledSubarray([...members, ...age], { minLength: members.length + age.length }))
    .map((members) => Object.fromEntries(members) as Rule);
};

const asXml = (rules: Rule[]): string => {
  const elements = rules.map((rule) =>
    Object.entries(rule).flatMap(([name, value]) =>
      [value]
        .flat()
        .map(
          (text) =>
            `<${name.replace(/s$/, name === 'MaxAgeSeconds' ? 's' : '')}>${text}</${name.replace(/s$/, name === 'MaxAgeSeconds' ? 's' : '')}>`,
        ),
    ),
  );
  return `<CORSConfiguration>${elements.map((parts) => `<CORSRule>${parts.join('\n')}</CORSRule>`).join('')}</CORSConfiguration>`;
};

/** As CloudTrail writes XML: singular names, one element instead of a list of one, none instead of an empty list. */
const asRest = (rules: Rule[]): unknown => {
  const one = <T>(list: T[]): T | T[] | undefined => (list.length === 1 ? list[0] : list);
  const members = rules.map(
    ({ AllowedHeaders, AllowedMethods, AllowedOrigins, ExposeHeaders, MaxAgeSeconds }) => ({
      AllowedHeader: one(AllowedHeaders),
      AllowedMethod: one(AllowedMethods),
      AllowedOrigin: one(AllowedOrigins),
      ExposeHeader: one(ExposeHeaders),
      MaxAgeSeconds: MaxAgeSeconds === undefined ? undefined : String(MaxAgeSeconds),
    }),
  );
  return JSON.parse(JSON.stringify({ CORSConfiguration: { CORSRule: one(members) } }));
};

test('neither the order nor the form of a CORS configuration changes what is read', () => {
  const anyRules = fc.array(ruleOf, { minLength: 1, maxLength: 4 });
  const property = anyRules.chain((rules) =>
    fc
      .tuple(fc.constant(rules), fc.tuple(...rules.map(shuffled)))
      .map(([given, other]) => ({ given, other })),
  );
  fc.assert(
    fc.property(property, ({ given, other }) => {
      const expected = corsRules({ CORSRules: given });
      expect(expected).toHaveLength(given.length);
      expect(corsRules(other)).toEqual(expected);
      expect(corsRules({ CORSConfiguration: { CORSRules: other } })).toEqual(expected);
      expect(corsRules(asRest(other))).toEqual(expected);
      expect(corsRulesOfXml(asXml(other))).toEqual({ ok: true, value: expected });
    }),
  );
});

test('whatever the document is, reading it never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, text) => {
      corsRules(value);
      corsRules({ CORSRules: value });
      corsRulesOfXml(text);
      corsRulesOfXml(`<CORSConfiguration>${text}</CORSConfiguration>`);
    }),
  );
});

describeCases('cors', 'the real documents', (folder) => {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

  test('the required configuration is the same in JSON and XML', () => {
    const expected = [REQUIRED_CORS];
    expect(corsRules(JSON.parse(read('required.json')))).toEqual(expected);
    expect(corsRulesOfXml(read('required.xml'))).toEqual({ ok: true, value: expected });
  });

  test('the other documents of AWS’s documentation', () => {
    expect(corsRules(JSON.parse(read('awsdocs__canvas-set-up-local-upload__0.json')))).toEqual([
      { ...READ, allowedMethods: ['POST'] },
    ]);
    const groundTruth = {
      ...READ,
      allowedHeaders: [],
      allowedMethods: ['GET'],
      exposeHeaders: ['Access-Control-Allow-Origin'],
    };
    expect(corsRules(JSON.parse(read('awsdocs__sms-cors-update__0.json')))).toEqual([groundTruth]);
    expect(corsRulesOfXml(read('awsdocs__sms-cors-update__1.xml'))).toEqual({
      ok: true,
      value: [groundTruth],
    });
  });
});

describeCases(
  'events/inferred-PutBucketCors-requestParameters.json',
  'the request parameters of PutBucketCors',
  (file) => {
    test('are read as far as they hold a configuration', () => {
      const { variants } = JSON.parse(readFileSync(file, 'utf8')) as { variants: unknown[] };
      expect(variants.map(corsRules)).toEqual([
        [REQUIRED_CORS],
        [
          {
            allowedHeaders: [],
            allowedMethods: ['GET', 'PUT'],
            allowedOrigins: ['https://example.com'],
            exposeHeaders: [],
            maxAgeSeconds: 3000,
          },
          { ...READ, allowedHeaders: [] },
        ],
        undefined,
      ]);
    });
  },
);
