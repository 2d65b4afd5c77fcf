import { type Severity, severityRank } from '../../shared/domain/finding.ts';
import { isFaulty } from '../../shared/domain/status.ts';
import { counted } from '../../shared/text/counted.ts';
import { cut } from '../../shared/text/cut.ts';
import { listed } from '../../shared/text/listed.ts';
import { field } from '../../shared/text/one-line.ts';
import type { Judged, ToldFinding } from './judge-template.ts';

/**
 * What a Lambda hook answers. In the failure mode WARN, CloudFormation goes on after FAILED and shows the message.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
 */
export type HookAnswer = {
  hookStatus: 'SUCCESS' | 'FAILED';
  errorCode?: 'NonCompliant' | 'InternalFailure';
  message: string;
  clientRequestToken?: string;
};

/** CloudFormation cuts longer messages; the Cloud Control API cuts them earlier. */
const MOST_CHARACTERS = { stack: 4096, cloudControl: 1024 };

/** What of a finding one line has room for. */
const MAX_TEXT = 400;

export type AnswerSettings = {
  /** From which severity on a FAILED finding refuses. */
  severity: Severity;
  isOfCloudControl: boolean;
  isDeletion?: boolean;
};

/**
 * The answer to what was judged: refused with what is wrong and how to mend it, or let pass with what is not told. A deletion is let pass
 * whatever it does, because a stack that nobody can delete helps nobody.
 */
export const answerTo = (
  { findings, problems, untold: unjudged }: Judged,
  { severity, isOfCloudControl, isDeletion = false }: AnswerSettings,
): HookAnswer => {
  const faulty = findings.filter(({ status }) => isFaulty(status));
  const refusing = faulty.filter(
    (each) =>
      !isDeletion && each.status === 'FAILED' && severityRank(each.severity) >= severityRank(severity),
  );
  const below = faulty.filter((each) => !refusing.includes(each));
  const untold = findings.filter(({ status }) => status === 'NOT_AVAILABLE');
  const lines = [
    ...(refusing.length > 0
      ? [
          `Pipewarden: ${counted(refusing.length, 'finding')} of ${severity} or more.`,
          ...refusing.map((each, index) => `${index + 1}. ${wholeText(each)}`),
        ]
      : [isDeletion ? 'Pipewarden refuses no deletion.' : 'Pipewarden found nothing that refuses it.']),
    ...(below.length > 0
      ? [`${isDeletion ? 'What is wrong after it' : 'Less than that'}: ${listed(below.map(shortText), 5)}.`]
      : []),
    ...(untold.length > 0
      ? [`Not told before the deployment: ${listed([...new Set(untold.map(nameText))], 8)}.`]
      : []),
    ...(problems.length > 0
      ? [
          `Not understood: ${listed(
            problems.map((each) => field(each, MAX_TEXT / 2)),
            5,
          )}.`,
        ]
      : []),
    ...(unjudged.length > 0
      ? [
          `Not judged: ${listed(
            unjudged.map((each) => field(each, MAX_TEXT / 2)),
            5,
          )}.`,
        ]
      : []),
  ];
  const message = fitted(lines, isOfCloudControl);
  return refusing.length > 0
    ? { hookStatus: 'FAILED', errorCode: 'NonCompliant', message }
    : { hookStatus: 'SUCCESS', message };
};

/** The answer where nothing could be judged: let pass, unless the deployment is strict. */
export const unjudgedAnswer = (
  reason: string,
  { isStrict, isOfCloudControl }: { isStrict: boolean; isOfCloudControl: boolean },
): HookAnswer => {
  const message = fitted([`Pipewarden could not judge it: ${field(reason, MAX_TEXT)}.`], isOfCloudControl);
  return isStrict
    ? { hookStatus: 'FAILED', errorCode: 'InternalFailure', message }
    : { hookStatus: 'SUCCESS', message };
};

const nameText = ({ control, where }: ToldFinding): string => `${control} on ${field(where, 200)}`;

const shortText = (finding: ToldFinding): string =>
  `${nameText(finding)} (${finding.status} ${finding.severity})`;

const wholeText = (finding: ToldFinding): string => {
  const { found, expected, remedy, severity } = finding;
  const expectation = expected === '' ? '' : `; expected: ${field(expected, MAX_TEXT)}`;
  return `${nameText(finding)} (${severity}): ${field(found, MAX_TEXT)}${expectation}. To mend it: ${field(remedy, MAX_TEXT)}`;
};

/** As many whole lines as fit, and how many are left out. The first line is cut if it must be. */
const fitted = (lines: readonly string[], isOfCloudControl: boolean): string => {
  const most = isOfCloudControl ? MOST_CHARACTERS.cloudControl : MOST_CHARACTERS.stack;
  const whole = lines.join('\n');
  if (whole.length <= most) return whole;
  const kept: string[] = [];
  for (const line of lines) {
    const rest = `\n… and ${counted(lines.length - kept.length, 'line')} more`;
    if ([...kept, line].join('\n').length + rest.length > most) break;
    kept.push(line);
  }
  const left = `… and ${counted(lines.length - kept.length, 'line')} more`;
  // One huge line has to say what it can.
  if (kept.length < 2) return cut([...kept, lines[kept.length] ?? ''].join('\n'), most);
  return [...kept, left].join('\n');
};
