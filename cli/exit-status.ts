import { InvalidArgumentError, Option } from 'commander';
import { type Severity, severityRank } from '../shared/domain/finding.ts';
import { isFaulty } from '../shared/domain/status.ts';
import { byCause } from '../shared/outputs/formats/causes.ts';
import { isAboutMissingLists } from '../shared/outputs/formats/overview.ts';
import type { Results } from '../shared/outputs/formats/results.ts';
import { suggestion } from '../shared/text/suggestion.ts';

export const THRESHOLDS = ['critical', 'high', 'medium', 'low', 'none'] as const;
export type Threshold = (typeof THRESHOLDS)[number];

/** The option `--fail-on`, which takes a severity in whatever case, as findings show it in capitals. */
export const failOnOption = (description: string): Option =>
  new Option('--fail-on <severity>', description)
    .choices(THRESHOLDS)
    .default('high')
    .argParser((text: string): Threshold => {
      const found = THRESHOLDS.find((each) => each === text.toLowerCase());
      if (found) return found;
      throw new InvalidArgumentError(
        `Allowed choices are ${THRESHOLDS.join(', ')}${suggestion(text, THRESHOLDS)}.`.replace(/\?\.$/, '?'),
      );
    });

/** Whether evidence that could not be read fails a run. */
export const UNREAD = ['ok', 'fail'] as const;
export type Unread = (typeof UNREAD)[number];

type Asked = { failOn: Threshold; unread: Unread };

/**
 * 1 if a breach or a risk is at or above the threshold, else 3 if evidence could not be read and that fails the run,
 * else 0. Findings outweigh unread evidence, because reading it could only add findings.
 */
export const exitStatus = (results: Results, asked: Asked): 0 | 1 | 3 => {
  const { over, unknown } = countsOf(results, asked);
  if (over > 0) return 1;
  return unknown > 0 && asked.unread === 'fail' ? 3 : 0;
};

const countsOf = ({ findings }: Results, { failOn }: Asked) => {
  const counted = findings.filter(({ suppression }) => suppression === undefined);
  const isOver = (severity: Severity) =>
    failOn !== 'none' && severityRank(severity) >= severityRank(failOn.toUpperCase() as Severity);
  // As in the summary, findings of one cause count once, and missing lists are told by themselves.
  const causes = byCause(counted.filter(({ status }) => isFaulty(status)));
  const [over, below] = [true, false].map((is) =>
    causes.filter((of) => of.some(({ severity }) => isOver(severity)) === is),
  ) as [typeof causes, typeof causes];
  return {
    over: over.length,
    below: below.filter((of) => !of.every(isAboutMissingLists)).length,
    unknown: counted.filter(({ status }) => status === 'NOT_AVAILABLE').length,
    suppressed: findings.length - counted.length,
  };
};

/** One line that says what the exit status of a run means, and why it is that. */
export const exitText = (results: Results, asked: Asked): string => {
  const { over, below, unknown, suppressed } = countsOf(results, asked);
  const limit = `${asked.failOn} or above (--fail-on)`;
  const nothing =
    asked.failOn === 'none' ? 'no finding fails the run (--fail-on none)' : `nothing of ${limit} was found`;
  const status = exitStatus(results, asked);
  // A list that is given as empty is not missing.
  const waiting = new Set(results.overview?.notConfigured.flatMap(({ controls }) => controls)).size;
  const why = {
    0: nothing,
    1: `${findings(over)} of ${limit}`,
    3: `${nothing}, but ${unknown} could not be judged, so that this is no pass (--unread ok lets it be one)`,
  }[status];
  const others = [
    ...(below > 0 ? [`${findings(below)}${asked.failOn === 'none' ? '' : ' below it'}`] : []),
    ...(unknown > 0 && status !== 3
      ? [`${unknown} could not be judged${status === 0 ? ', which --unread ok lets be' : ''}`]
      : []),
    ...(suppressed > 0 ? [`${suppressed} suppressed`] : []),
    ...(waiting > 0
      ? [
          `${waiting} ${waiting === 1 ? 'control' : 'controls'} did not judge, as the configuration lacks ${waiting === 1 ? 'its' : 'their'} lists`,
        ]
      : []),
  ];
  return `exit ${status}: ${[why, ...others].join('; ')}`;
};

const findings = (count: number): string => `${count} ${count === 1 ? 'finding' : 'findings'}`;
