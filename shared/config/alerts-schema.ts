import * as z from 'zod/mini';
import { parseArn } from '../domain/arn.ts';
import { accountId, organizationalUnitId } from './organization-schema.ts';

/** Why a text is not the ARN of one resource, without wildcards; undefined where it is. */
type ArnProblem = (value: string) => string | undefined;

const arnProblem =
  (expected: string, fits: (service: string, resource: string) => boolean): ArnProblem =>
  (value) => {
    const arn = parseArn(value);
    const isOne = arn !== undefined && !/[*?\s]/.test(value) && fits(arn.service, arn.resource);
    return isOne ? undefined : `is not the ARN of ${expected}`;
  };

export const secretArnProblem = arnProblem(
  'a secret; expected arn:aws:secretsmanager:<region>:<account>:secret:<name> or arn:aws:ssm:<region>:<account>:parameter/<name>',
  (service, resource) =>
    (service === 'secretsmanager' && resource.startsWith('secret:')) ||
    (service === 'ssm' && resource.startsWith('parameter/')),
);

export const topicArnProblem = arnProblem(
  'a topic; expected arn:aws:sns:<region>:<account>:<name>, and no FIFO topic',
  (service, resource) => service === 'sns' && /^[\w-]{1,256}$/.test(resource),
);

const without = (text: z.ZodMiniString, problem: ArnProblem) =>
  text.check(z.refine((value) => problem(value) === undefined, problem('')));

const isTimezone = (value: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
};

const timeOfDay = z
  .string()
  .check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day; expected "HH:MM"'));

/**
 * The part `alerts` of the configuration: who is told of what, where and when. The arguments are schemas that other
 * parts use too.
 */
export const alertsOf = <Severity extends z.ZodMiniType>({
  text,
  severity,
  arnPattern,
}: {
  text: z.ZodMiniString;
  severity: Severity;
  arnPattern: z.ZodMiniString;
}) => {
  const secretArn = without(text, secretArnProblem);
  const topicArn = without(text, topicArnProblem);
  const slack = z.strictObject({ secret: secretArn });
  const list = (of: z.ZodMiniString) => z.array(of).check(z.minLength(1), z.maxLength(100));

  /** All given conditions must hold. A match without conditions holds for every finding. */
  const match = z.strictObject({
    prefix: z.optional(text),
    team: z.optional(text),
    account: z.optional(accountId),
    organizationalUnit: z.optional(organizationalUnitId),
    control: z.optional(text),
    severity: z.optional(severity),
  });

  const route = z
    .strictObject({
      match,
      slack: z.optional(slack),
      topicArn: z.optional(topicArn),
      chatbotTopicArn: z.optional(topicArn),
    })
    .check(
      z.refine(
        (one) => (one.slack ?? one.topicArn ?? one.chatbotTopicArn) !== undefined,
        'leads nowhere; add slack, topicArn or chatbotTopicArn',
      ),
    );

  return z.strictObject({
    minimumSeverity: z.optional(severity),
    slack: z.optional(slack),
    /**
     * A topic of its own, because Amazon Q Developer in chat applications drops messages that do not follow its
     * schema.
     */
    chatbotTopicArn: z.optional(topicArn),
    teams: z.optional(
      z
        .record(
          text,
          z.strictObject({ prefixes: z.optional(list(text)), resources: z.optional(list(arnPattern)) }),
        )
        .check(z.refine((teams) => Object.keys(teams).length <= 100, 'has more than 100 teams')),
    ),
    routes: z.optional(z.array(route).check(z.maxLength(100))),
    quietHours: z.optional(
      z
        .strictObject({
          from: timeOfDay,
          to: timeOfDay,
          timezone: z
            .string()
            .check(z.refine(isTimezone, 'is not a time zone; expected one like Europe/Berlin or UTC')),
          exceptSeverity: z.optional(severity),
        })
        .check(z.refine(({ from, to }) => from !== to, 'begin when they end')),
    ),
    digest: z.optional(
      z.strictObject({
        minutes: z.int().check(z.minimum(0), z.maximum(1440)),
        exceptSeverity: z.optional(severity),
      }),
    ),
  });
};
