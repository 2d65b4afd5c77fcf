import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { type Finding, SEVERITIES, type Severity } from '../../domain/finding.ts';
import { isFaulty } from '../../domain/status.ts';
import { counts } from '../../findings/compare-runs.ts';
import { isNarrowed } from '../../findings/run-selection.ts';
import type { Results } from '../formats/results.ts';
import { countSchema, timeSchema } from '../formats/results-schema.ts';

/**
 * How many findings were open at one time, by severity. `off`: the controls that the configuration kept from judging.
 * `isPartial`: the run looked at a part of the account only. `suppressed`: what is open besides, and accepted. Points of older versions
 * have none of these.
 */
export type TrendPoint = {
  at: string;
  open: Record<Severity, number>;
  notAvailable: number;
  off?: string[];
  isPartial?: boolean;
  suppressed?: Record<Severity, number>;
  /**
   * Which findings these are, each as a mark of its severity and a short digest of its id, so that one that takes the place of
   * another is seen; missing where there are too many.
   */
  accepted?: string[];
};

/** The first letter of a severity, and 10 characters of a digest. */
const ACCEPTED = /^[A-Z][\w-]{10}$/;
const MAX_ACCEPTED = 300;

const acceptedIn = (suppressed: readonly Finding[]): Pick<TrendPoint, 'accepted'> =>
  suppressed.length > MAX_ACCEPTED
    ? {}
    : {
        accepted: [
          ...new Set(
            suppressed.map(
              ({ severity, id }) =>
                `${severity[0]}${createHash('sha256').update(id).digest('base64url').slice(0, 10)}`,
            ),
          ),
        ].toSorted(),
      };

/** How many findings of a severity are suppressed that were not before; undefined where points do not tell it. */
export const newlyAccepted = (
  severity: Severity,
  now: TrendPoint,
  before: TrendPoint,
): number | undefined => {
  const { accepted, suppressed } = now;
  if (accepted && before.accepted) {
    const known = new Set(before.accepted);
    return accepted.filter((each) => each[0] === severity[0] && !known.has(each)).length;
  }
  return before.suppressed ? (suppressed?.[severity] ?? 0) - before.suppressed[severity] : undefined;
};

/** Points of earlier runs, oldest first, and the names of stored points that could not be read. */
export type Earlier = { points: readonly TrendPoint[]; unread: readonly string[] };

/** Far more than there are controls. */
const MAX_OFF = 200;
const MAX_CONTROL_NAME = 100;

/** The point of a run. */
export const trendPoint = ({ generatedAt, findings, controlsOff, mode, scope }: Results): TrendPoint => {
  const counted = findings.filter(counts);
  const [faulty, suppressed] = [counted, findings.filter(({ suppression }) => suppression)].map((of) =>
    of.filter(({ status }) => isFaulty(status)),
  ) as [Finding[], Finding[]];
  const countIn = (of: readonly Finding[]) =>
    bySeverity((severity) => of.filter((finding) => finding.severity === severity).length);
  return {
    at: generatedAt,
    open: countIn(faulty),
    notAvailable: counted.length - faulty.length,
    ...(controlsOff && { off: controlsOff.map(({ control }) => control).slice(0, MAX_OFF) }),
    ...(mode !== undefined && { isPartial: mode !== 'all' || isNarrowed(scope?.selection) }),
    suppressed: countIn(suppressed),
    ...acceptedIn(suppressed),
  };
};

export const bySeverity = (countOf: (severity: Severity) => number): Record<Severity, number> =>
  Object.fromEntries(SEVERITIES.map((severity) => [severity, countOf(severity)])) as Record<Severity, number>;

const schema: z.ZodMiniType<TrendPoint> = z.strictObject({
  at: timeSchema,
  open: z.record(z.enum(SEVERITIES), countSchema),
  notAvailable: countSchema,
  off: z.exactOptional(z.array(z.string().check(z.maxLength(MAX_CONTROL_NAME))).check(z.maxLength(MAX_OFF))),
  isPartial: z.exactOptional(z.boolean()),
  suppressed: z.exactOptional(z.record(z.enum(SEVERITIES), countSchema)),
  accepted: z.exactOptional(z.array(z.string().check(z.regex(ACCEPTED))).check(z.maxLength(MAX_ACCEPTED))),
});

/** The point in a JSON value; undefined where the value is not a point. */
export const parseTrendPoint = (json: unknown): TrendPoint | undefined => schema.safeParse(json).data;
