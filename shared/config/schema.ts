import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { JOB_STEP_TYPES } from '../definition/step-types.ts';
import { parseArn } from '../domain/arn.ts';
import { issueWords, valueNoun } from '../text/issue-words.ts';
import { suggestion } from '../text/suggestion.ts';
import { alertsOf } from './alerts-schema.ts';
import { isPathPattern } from './path-pattern.ts';

const text = z.string().check(z.minLength(1), z.maxLength(2048));

/** An account’s number, or a pattern of numbers. */
const ACCOUNT_PATTERN = /^(\d{12}|\d*[*?][\d*?]*|aws)$/;

const isArnPattern = (value: string): boolean => {
  const arn = parseArn(value);
  if (!arn) return false;
  const knownPartition = /^(aws(-[a-z]+)*|\*)$/.test(arn.partition);
  return knownPartition && (arn.account === '' || ACCOUNT_PATTERN.test(arn.account));
};

const arnPattern = text.check(
  z.refine(
    isArnPattern,
    'is not an ARN; expected arn:aws:<service>:<region>:<account>:<resource>, * and ? allowed',
  ),
);

/** What a suppression is about: a resource by its ARN, or a linted file, which has none. */
const suppressedPattern = text.check(
  z.refine(
    (value) => isArnPattern(value) || isPathPattern(value),
    'is neither an ARN nor the path of a file; expected arn:aws:<service>:<region>:<account>:<resource>, or such as pipelines/*.json for what is linted',
  ),
);

const roleArnPattern = arnPattern.check(
  z.refine((value) => {
    const arn = parseArn(value);
    return !arn || (arn.service === 'iam' && /^(role|user|\*)/.test(arn.resource));
  }, 'is not the ARN of a role; expected arn:aws:iam::<account>:role/<name>, * and ? allowed'),
);

const RAM_PRINCIPAL =
  'a principal of AWS RAM; expected "444455556666" in quotes, or the ARN of an organization, unit, role or user';

const SERVICE = /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/;

/** A principal of AWS RAM. An ARN may be a pattern, but for the account’s number in it, so that nobody names all of them. */
const sharePrincipal = text.check(
  z.refine(
    (value) =>
      /^\d{12}$/.test(value) ||
      SERVICE.test(value) ||
      (isArnPattern(value) &&
        ['iam', 'organizations'].includes(parseArn(value)?.service ?? '') &&
        /^\d{12}$/.test(parseArn(value)?.account ?? '')),
    `is not ${RAM_PRINCIPAL}`,
  ),
);

/** Whether a text is a day of the calendar, as YYYY-MM-DD. */
export const isCalendarDate = (value: string): boolean => {
  const date = new Date(`${value}T00:00:00Z`);
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(value)
  );
};

const date = z.string().check(z.refine(isCalendarDate, 'is not a date; expected YYYY-MM-DD'));

const severity = z.enum(['informational', 'low', 'medium', 'high', 'critical']);

/** A schedule in the form of EventBridge Scheduler. */
const schedule = text.check(
  z.regex(
    /^(rate\([1-9]\d{0,5} (minute|hour|day)s?\)|cron\(\S+( \S+){5}\))$/,
    'is not a schedule; expected rate(6 hours) or cron(0 6 ? * MON *)',
  ),
);

/** Letters, digits and inner dashes. The dash between prefix and name is not part of the prefix. */
export const JOB_NAME_BEGINNING = /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/;

/** One authorised prefix of job names, and who may use it where. A missing field does not restrict. */
const prefix = z.strictObject({
  prefix: text.check(
    z.regex(
      JOB_NAME_BEGINNING,
      'is not the beginning of a job name; expected letters, digits and inner dashes, without the dash that follows it',
    ),
    z.maxLength(63),
  ),
  stepTypes: z.optional(z.array(z.enum(JOB_STEP_TYPES)).check(z.minLength(1))),
  roles: z.optional(z.array(roleArnPattern).check(z.minLength(1))),
  pipelines: z.optional(z.array(text).check(z.minLength(1))),
});

const alerts = alertsOf({ text, severity, arnPattern });

/** What the schema says of lists whose absence is told. */
const EMPTY = 'Missing: told once, as controls cannot judge fully. [] says that there are none.';

/** The schema of the configuration file, version 1. `docs/config.schema.json` is generated from it. */
export const configSchema = z.strictObject({
  version: z.literal(1),
  prefixes: z.optional(
    z
      .array(prefix)
      .check(z.maxLength(1000), z.describe(`Job-name prefixes, and who may use them where. ${EMPTY}`)),
  ),
  roles: z.optional(
    z.strictObject({
      /** Who makes pipelines: ARNs, or ARNs with the names of the pipelines that are theirs. */
      creators: z.optional(
        z
          .array(
            z.union(
              [
                roleArnPattern,
                z.strictObject({
                  roles: z.array(roleArnPattern).check(z.minLength(1)),
                  pipelines: z.array(text).check(z.minLength(1)),
                }),
              ],
              'is neither the ARN of a role nor { roles, pipelines }; expected arn:aws:iam::<account>:role/<name>, * and ? allowed, or both lists',
            ),
          )
          .check(
            z.describe(
              `Who makes pipelines: ARNs, or ARNs with the pipelines that are theirs to make or to start. ${EMPTY}`,
            ),
          ),
      ),
      /** Who may change execution and step roles: their policies, trust, boundary and tags. */
      administrators: z.optional(z.array(roleArnPattern)),
      execution: z.optional(
        z.array(roleArnPattern).check(z.describe('The roles that pipelines may run under')),
      ),
      steps: z.optional(
        z
          .array(roleArnPattern)
          .check(z.describe(`The roles that steps may name, besides those of execution. ${EMPTY}`)),
      ),
      /** Who may assume execution and step roles besides the services: ARNs, or names of services. */
      trusted: z.optional(z.array(text)),
      isolation: z.optional(z.enum(['required', 'optional'])),
    }),
  ),
  imageBuckets: z.optional(
    z.strictObject({
      names: z.optional(z.array(text)),
      tags: z.optional(z.record(text, z.string())),
      /** CORS rules that an image bucket may have beside the required one: a known rule by its name, or a rule. */
      extraRules: z.optional(
        z.array(
          z.union(
            [
              z.literal('ground-truth'),
              z.strictObject({
                name: text,
                allowedMethods: z.array(text).check(z.minLength(1)),
                allowedOrigins: z.array(text).check(z.minLength(1)),
                allowedHeaders: z.optional(z.array(text)),
                exposeHeaders: z.optional(z.array(text)),
                maxAgeSeconds: z.optional(z.int().check(z.minimum(0))),
              }),
            ],
            'is neither ground-truth nor a CORS rule; expected { name, allowedMethods, allowedOrigins }, and the other fields of the rule',
          ),
        ),
      ),
    }),
  ),
  sharedWith: z.optional(
    z
      .array(
        z.union(
          [
            sharePrincipal,
            z.strictObject({
              principals: z.array(sharePrincipal).check(z.minLength(1)),
              pipelines: z.array(text).check(z.minLength(1)),
            }),
          ],
          `is neither { principals, pipelines } nor ${RAM_PRINCIPAL}`,
        ),
      )
      .check(
        z.describe(
          'Whom AWS RAM may share pipelines with, to read, start, stop and retry them; with or without the pipelines',
        ),
      ),
  ),
  versionFloors: z.optional(
    z
      .array(
        z.strictObject({
          pipeline: text,
          minimum: z.int().check(z.minimum(1)),
          except: z.optional(z.array(roleArnPattern)),
        }),
      )
      .check(z.describe(`Versions before these must not run. ${EMPTY}`)),
  ),
  /** `null` says that no SCP excepts a tag. */
  scpException: z.optional(
    z
      .nullable(
        z.strictObject({
          tagKey: text.check(z.maxLength(128)),
          tagValue: z.string().check(z.maxLength(256)),
          taggers: z.optional(z.array(roleArnPattern)),
        }),
      )
      .check(
        z.describe(
          'The tag by which SCPs except roles. Missing: told once. null says that no SCP excepts a tag.',
        ),
      ),
  ),
  controls: z.optional(
    z.record(
      text,
      z
        .strictObject({
          severity: z.optional(severity),
          enabled: z.optional(z.boolean()),
          reason: z.optional(text),
        })
        .check(
          z.refine(
            (setting) => setting.enabled !== false || setting.reason !== undefined,
            'switches a control off without a reason; add reason: …',
          ),
        ),
    ),
  ),
  suppressions: z.optional(
    z.array(
      z.strictObject({
        control: text,
        resource: suppressedPattern,
        /** The step (or a pattern of steps) that is meant; without it, the whole resource. */
        step: z.optional(text),
        reason: text,
        expires: date,
      }),
    ),
  ),
  alerts: z.optional(alerts),
  securityHub: z.optional(
    z.strictObject({
      /**
       * Whether the Security Hub workflow of a mended finding is set to RESOLVED. A SUPPRESSED workflow is left alone.
       */
      resolveWorkflow: z.optional(z.boolean()),
    }),
  ),
  sweep: z.optional(z.strictObject({ schedule: z.optional(schedule) })),
  reports: z.optional(
    z.strictObject({
      /** One schedule or several. A report is compared with the previous report of the same schedule. */
      schedule: z.optional(
        z.union(
          [schedule, z.array(schedule).check(z.minLength(1), z.maxLength(5))],
          'is neither a schedule nor a list of one to five; expected rate(1 day) or cron(0 6 ? * MON *)',
        ),
      ),
    }),
  ),
  finished: z.optional(
    z.strictObject({ expireDays: z.optional(z.int().check(z.minimum(1), z.maximum(365))) }),
  ),
});

export type Config = z.infer<typeof configSchema>;
export type Prefix = z.infer<typeof prefix>;
export type Alerts = NonNullable<Config['alerts']>;
export type Suppression = NonNullable<Config['suppressions']>[number];

/** The configuration where there is no file: nothing is authorised, and controls that need a list do not judge. */
export const DEFAULT_CONFIG: Config = { version: 1 };

/** A problem of a configuration: the keys and indexes from the root, and what is wrong. */
export type ConfigIssue = { path: (string | number)[]; message: string; isKey?: boolean };

/** The configuration, or all its problems. */
export const checkConfig = (
  value: unknown,
  controls: readonly string[],
): { ok: true; config: Config } | { ok: false; issues: ConfigIssue[] } => {
  z.config(en());
  const hidden = prototypeKeys(value);
  if (hidden.length > 0) return { ok: false, issues: hidden };
  const parsed = configSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) return { ok: false, issues: parsed.error.issues.flatMap(toIssues) };
  const unknown = [
    ...Object.keys(parsed.data.controls ?? {}).map((id) => ({ path: ['controls', id], id, isKey: true })),
    ...(parsed.data.suppressions ?? []).map(({ control }, index) => ({
      path: ['suppressions', index, 'control'],
      id: control,
      isKey: false,
    })),
    ...(parsed.data.alerts?.routes ?? []).flatMap(({ match: { control } }, index) =>
      control === undefined
        ? []
        : [{ path: ['alerts', 'routes', index, 'match', 'control'], id: control, isKey: false }],
    ),
  ].filter(({ id }) => !controls.includes(id));
  if (unknown.length === 0) return { ok: true, config: parsed.data };
  return {
    ok: false,
    issues: unknown.map(({ path, id, isKey }) => ({
      path,
      isKey,
      message: `there is no control ${JSON.stringify(id)}${suggestion(id, controls)}`,
    })),
  };
};

/** Keys such as `__proto__`, which the schema would silently ignore. */
const prototypeKeys = (root: unknown): ConfigIssue[] => {
  const issues: ConfigIssue[] = [];
  const seen = new Set<object>(); // an anchor can hold itself
  const stack: { value: unknown; path: (string | number)[] }[] = [{ value: root, path: [] }];
  for (let at = stack.pop(); at; at = stack.pop()) {
    const { value, path } = at;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const [key, inner] of Object.entries(value)) {
      const innerPath = [...path, Array.isArray(value) ? Number(key) : key];
      if (key === '__proto__')
        issues.push({ path: innerPath, isKey: true, message: 'there is no key "__proto__" here' });
      stack.push({ value: inner, path: innerPath });
    }
  }
  return issues;
};

const toIssues = (issue: z.core.$ZodIssue): ConfigIssue[] => {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      isKey: true,
      message: `there is no key ${JSON.stringify(key)} here${suggestion(key, knownKeys(path))}`,
    }));
  }
  if (path.length === 1 && path[0] === 'version') {
    const found = issue.input === undefined ? 'is missing' : `cannot be ${valueNoun(issue.input)}`;
    return [{ path, message: `${found}; write version: 1, the only one there is` }];
  }
  if (path.length === 0)
    return [
      { path, message: `expected keys with values, such as version: 1, and found ${valueNoun(issue.input)}` },
    ];
  if (issue.code === 'invalid_value' && issue.input !== undefined) {
    const words = issue.values.filter((each) => typeof each === 'string');
    const near = typeof issue.input === 'string' ? suggestion(issue.input, words) : '';
    return [{ path, message: `${issueWords(issue)}${near}` }];
  }
  return [{ path, message: issueWords(issue) }];
};

/** The keys that the schema knows at a place, for suggestions. */
const knownKeys = (path: readonly (string | number)[]): string[] => {
  let schema: unknown = configSchema;
  for (const key of path) schema = child(unwrap(schema), key);
  const shape = (unwrap(schema) as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape;
  return shape ? Object.keys(shape) : [];
};

type SchemaDef = {
  shape?: Record<string, unknown>;
  element?: unknown;
  valueType?: unknown;
  innerType?: unknown;
};

const unwrap = (schema: unknown): unknown => {
  const def = definitionOf(schema);
  return def?.innerType === undefined ? schema : unwrap(def.innerType);
};

const child = (schema: unknown, key: string | number): unknown => {
  const def = definitionOf(schema);
  return typeof key === 'number' ? def?.element : (def?.shape?.[key] ?? def?.valueType);
};

const definitionOf = (schema: unknown): SchemaDef | undefined =>
  (schema as { _zod?: { def?: SchemaDef } } | undefined)?._zod?.def;
