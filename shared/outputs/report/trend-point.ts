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
});

/** The point in a JSON value; undefined where the value is not a point. */
export const parseTrendPoint = (json: unknown): TrendPoint | undefined => schema.safeParse(json).data;
