/** A line of the benchmark's output. */
export type Line = Readonly<Record<string, unknown>>;

/**
 * A figure that the benchmark is to reach again: a ratio or a count, never a time. `tolerance` is the share by which a run
 * may be worse before it fails, because ratios of times differ from run to run.
 */
export type KeptFigure = {
  /** The fields by which its line is found. */
  line: Readonly<Record<string, string | number>>;
  field: string;
  better: 'more' | 'less';
  kept: number;
  tolerance: number;
};

/** A kept figure beside the figure of this run. */
export type Compared = KeptFigure & { now: number; verdict: 'worse' | 'better' | 'same' };

/** Compares the lines of a run with the kept figures; figures that the run has not measured are left out. */
export const compareWithKept = (lines: readonly Line[], kept: readonly KeptFigure[]): Compared[] =>
  kept.flatMap((figure) => {
    const line = lines.find((each) => Object.entries(figure.line).every(([name, is]) => each[name] === is));
    const now = Number.parseFloat(String(line?.[figure.field]));
    return Number.isNaN(now) ? [] : [{ ...figure, now, verdict: verdictOn(figure, now) }];
  });

const verdictOn = ({ better, kept, tolerance }: KeptFigure, now: number): Compared['verdict'] => {
  const [low, high] = [kept * (1 - tolerance), kept * (1 + tolerance)];
  if (now >= low && now <= high) return 'same';
  return now > high === (better === 'more') ? 'better' : 'worse';
};

/** A figure in words, such as `ratio storedJobs=100 eventsPerSecond is 3.1, and 12 was kept`. */
export const shownFigure = ({ line, field, now, kept }: Compared): string => {
  const { case: name, ...fields } = line;
  const where = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
  return `${[name, ...where, field].join(' ')} is ${now}, and ${kept} was kept`;
};
