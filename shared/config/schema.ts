import * as z from 'zod/mini';
import { JOB_STEP_TYPES } from '../definition/step-types.ts';
import { parseArn } from '../domain/arn.ts';
import { isCalendarDate } from '../text/calendar-date.ts';
import { arnVariableProblem, variableProblem, withoutVariable } from './account-variable.ts';
import { alertsOf } from './alerts-schema.ts';
import { accountsShape, organization } from './organization-schema.ts';
import { isPathPattern } from './path-pattern.ts';

/** A check that tells what a function finds wrong with a text. What follows is not checked then. */
const without = (problem: (value: string) => string | undefined) =>
  z.refine<string>((value) => problem(value) === undefined, {
    error: ({ input }) => problem(String(input)) ?? 'is wrong',
    abort: true,
  });

/** A text for people, in which anything may stand. */
const words = z.string().check(z.minLength(1), z.maxLength(2048));

const text = words.check(without(variableProblem));

/** An account’s number, or a pattern of numbers. */
const ACCOUNT_PATTERN = /^(\d{12}|\d*[*?][\d*?]*|aws)$/;

const isArnPattern = (value: string): boolean => {
  const arn = parseArn(value);
  if (!arn) return false;
  const knownPartition = /^(aws(-[a-z]+)*|\*)$/.test(arn.partition);
  return knownPartition && (arn.account === '' || ACCOUNT_PATTERN.test(arn.account));
};

const NO_ARN = 'is not an ARN; expected arn:aws:<service>:<region>:<account>:<resource>, * and ? allowed';

const arnPattern = words.check(
  without(arnVariableProblem),
  z.refine((value) => isArnPattern(withoutVariable(value)), NO_ARN),
);

/** A pattern that is asked about resources of all accounts, so that none is the own one. */
const centralArnPattern = words.check(
  without((value) =>
    variableProblem(value) === undefined
      ? undefined
      : 'cannot contain a variable, because alerts are for all accounts; write *, or move the team to teams at the top',
  ),
  z.refine(isArnPattern, NO_ARN),
);

/** What a suppression is about: a resource by its ARN, or a linted file, which has none. */
const suppressedPattern = words.check(
  without(arnVariableProblem),
  z.refine(
    (value) => isArnPattern(withoutVariable(value)) || isPathPattern(value),
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

const isSharePrincipal = (value: string): boolean => {
  const { service = '', account = '' } = parseArn(value) ?? {};
  const isOne = ['iam', 'organizations'].includes(service) && /^\d{12}$/.test(account);
  return /^\d{12}$/.test(value) || SERVICE.test(value) || (isArnPattern(value) && isOne);
};

/** A principal of AWS RAM. An ARN may be a pattern, but for the account’s number in it, so that nobody names all of them. */
const sharePrincipal = words.check(
  without(arnVariableProblem),
  z.refine((value) => isSharePrincipal(withoutVariable(value)), `is not ${RAM_PRINCIPAL}`),
);

/** A principal of a trust policy: an account, a service, or an ARN, which may be a pattern. */
const trusted = words.check(without(arnVariableProblem));

const date = z.string().check(z.refine(isCalendarDate, 'is not a date; expected YYYY-MM-DD'));

/** Who stands for an exception, and who has approved it. A register of exceptions tells it. */
const approvalShape = {
  owner: z.optional(words.check(z.maxLength(200))),
  approvedBy: z.optional(words.check(z.maxLength(200))),
  ticket: z.optional(words.check(z.maxLength(200))),
  approvedOn: z.optional(date),
};

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

const jobNameBeginning = text.check(
  z.regex(
    JOB_NAME_BEGINNING,
    'is not the beginning of a job name; expected letters, digits and inner dashes, without the dash that follows it',
  ),
  z.maxLength(63),
);

/** One authorised prefix of job names, and who may use it where. A missing field does not restrict. */
const prefix = z.strictObject({
  prefix: jobNameBeginning,
  stepTypes: z.optional(z.array(z.enum(JOB_STEP_TYPES)).check(z.minLength(1))),
  roles: z.optional(z.array(roleArnPattern).check(z.minLength(1))),
  pipelines: z.optional(z.array(text).check(z.minLength(1))),
});

const alerts = alertsOf({ text, severity, arnPattern: centralArnPattern });

/** What the schema says of lists whose absence is told. */
const EMPTY = 'Missing: told once, as controls cannot judge fully. [] says that there are none.';

/** The keys that verdicts depend on, which an override may have too. */
const judgedShape = {
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
      trusted: z.optional(z.array(trusted)),
      isolation: z.optional(z.enum(['required', 'optional'])),
    }),
  ),
  imageBuckets: z.optional(
    z.strictObject({
      names: z.optional(z.array(text)),
      tags: z.optional(z.record(text, z.string().check(without(variableProblem)))),
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
          tagValue: z.string().check(z.maxLength(256), without(variableProblem)),
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
          reason: z.optional(words),
          ...approvalShape,
          /** The last day on which the control is meant to be off. Its end is told; the control stays off. */
          expires: z.optional(date),
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
        reason: words,
        expires: date,
        ...approvalShape,
      }),
    ),
  ),
};

const MOST_TEAMS = 1000;
const MOST_OVERRIDES = 1000;

/** A list that is not empty, of at most so many. */
const some = (of: z.ZodMiniString) => z.array(of).check(z.minLength(1), z.maxLength(MOST_TEAMS));

/**
 * A team. `accounts` and `organizationalUnits` say where it works, everywhere by default; the other lists say what is the team’s
 * there, everything by default.
 */
const team = z.strictObject({
  name: text.check(z.maxLength(100)),
  ...accountsShape,
  prefixes: z.optional(some(jobNameBeginning)),
  pipelines: z.optional(some(text)),
  roles: z.optional(some(roleArnPattern)),
  resources: z.optional(some(arnPattern)),
});

/** What is different for some accounts. */
const override = z.strictObject({
  ...accountsShape,
  teams: z.optional(some(text)),
  ...judgedShape,
});

/** The schema of the configuration file, version 1. `docs/config.schema.json` is generated from it. */
export const configSchema = z.strictObject({
  version: z.literal(1),
  organization: z.optional(organization),
  teams: z.optional(
    z
      .array(team)
      .check(
        z.minLength(1),
        z.maxLength(MOST_TEAMS),
        z.describe('The teams. What fits several is of the first one of them.'),
      ),
  ),
  ...judgedShape,
  overrides: z.optional(
    z
      .array(override)
      .check(
        z.minLength(1),
        z.maxLength(MOST_OVERRIDES),
        z.describe(
          'What is different for some accounts. A later entry wins: its keys take the place of those at the top; controls are replaced one by one, and suppressions are added.',
        ),
      ),
  ),
  alerts: z.optional(alerts),
  securityHub: z.optional(
    z.strictObject({
      /**
       * Which Security Hub gets findings: that of each finding’s own account and Region (`member`), that of the deployment for
       * all accounts (`hub`), or none (`off`). Missing: `member`.
       */
      findings: z.optional(z.enum(['member', 'hub', 'off'])),
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

/** The configuration as the file has it, for all accounts. Controls get the {@link Config} of one, by `configFor`. */
export type FileConfig = z.infer<typeof configSchema>;

/**
 * The configuration of one account, without variables and overrides. A {@link FileConfig} does not fit this type, so that
 * nothing judges by it.
 */
export type Config = Omit<FileConfig, 'organization' | 'overrides'> & {
  organization?: undefined;
  overrides?: undefined;
};

export type Prefix = z.infer<typeof prefix>;
export type Alerts = NonNullable<Config['alerts']>;
export type Suppression = NonNullable<Config['suppressions']>[number];
export type NamedTeam = z.infer<typeof team>;

/** The configuration where there is no file: nothing is authorised, and controls that need a list do not judge. */
export const DEFAULT_CONFIG: Config = { version: 1 };
