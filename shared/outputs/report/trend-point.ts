import * as z from 'zod/mini';
import { SEVERITIES, type Severity } from '../../domain/finding.ts';
import { counts } from '../../findings/compare-runs.ts';
import { countSchema, type Results, timeSchema } from '../formats/results.ts';

/**
 * How many findings were open at one time, by severity. `off`: the controls that the configuration kept from judging.
 * `isPartial`: the run looked at a part of the account only. Points of older versions have neither.
 */
export type TrendPoint = {
  at: string;
  open: Record<Severity, number>;
  notAvailable: number;
  off?: string[];
  isPartial?: boolean;
};

/** Points of earlier runs, oldest first, and the names of stored points that could not be read. */
export type Earlier = { points: readonly TrendPoint[]; unread: readonly string[] };

/** Far more than there are controls. */
const MAX_OFF = 200;
const MAX_CONTROL_NAME = 100;

/** The point of a run. */
export const trendPoint = ({ generatedAt, findings, controlsOff, mode }: Results): TrendPoint => {
  const counted = findings.filter(counts);
  const faulty = counted.filter(({ status }) => status !== 'NOT_AVAILABLE');
  return {
    at: generatedAt,
    open: bySeverity((severity) => faulty.filter((finding) => finding.severity === severity).length),
    notAvailable: counted.length - faulty.length,
    ...(controlsOff && { off: controlsOff.map(({ control }) => control).slice(0, MAX_OFF) }),
    ...(mode !== undefined && { isPartial: mode !== 'all' }),
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
});

/** The point in a JSON value; undefined where the value is not a point. */
export const parseTrendPoint = (json: unknown): TrendPoint | undefined => schema.safeParse(json).data;
