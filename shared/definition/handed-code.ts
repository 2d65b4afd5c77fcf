import { displayText, leadingText, type ResolvedText, type ResolveScope } from './expression.ts';
import { SUBMITTED } from './hyper-parameters.ts';
import type { Step } from './parse.ts';
import { type DataPlace, isFileKey, type S3Place, s3Place } from './s3-place.ts';
import { followText } from './step-reference.ts';
import { valuesAt } from './step-values.ts';
import type { TextPart } from './text-parts.ts';

/** The places of code that a step hands to EMR or to the model registry, and what of them only a run tells. */
export type HandedCode = {
  places: (DataPlace & S3Place)[];
  open: { pointer: string; reason: string; isCode: true }[];
};

/** A word of a command, and where in the definition it stands. */
type Word = { pointer: string; resolved: ResolvedText };

/**
 * The code that a step on EMR or EMR Serverless names: its program, and what it loads beside. It is read under the role of
 * the cluster or application, not under one of SageMaker’s jobs. A script that a command fetches by itself is told where its
 * name ends like that of a program.
 * https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-commandrunner.html
 * https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-spark.html
 * https://spark.apache.org/docs/latest/submitting-applications.html
 */
export const handedCode = (step: Step, scope: ResolveScope): HandedCode => {
  const at = (path: string): Word[] =>
    valuesAt(step, path).map(({ pointer, value }) => ({ pointer, resolved: followText(value, scope) }));
  switch (step.type) {
    case 'EMR':
      return told([
        ...at('Arguments.StepConfig.HadoopJarStep.Jar'),
        ...at('Arguments.ClusterConfig.BootstrapActions[].ScriptBootstrapAction.Path'),
        ...codeIn(
          at('Arguments.StepConfig.HadoopJarStep.Args[]'),
          at('Arguments.StepConfig.HadoopJarStep.Jar').some(isScriptRunner),
        ),
      ]);
    case 'EMRServerless':
      return told([
        ...at(`${DRIVER}.sparkSubmit.entryPoint`),
        ...at(`${DRIVER}.hive.query`),
        ...at(`${DRIVER}.hive.initQueryFile`),
        ...codeIn(
          at(`${DRIVER}.sparkSubmit.sparkSubmitParameters`).flatMap((word) => split(word, SPACES)),
          false,
        ),
      ]);
    case 'RegisterModel':
      return told(REGISTERED.flatMap((path) => at(`Arguments.InferenceSpecification.Containers[].${path}`)));
    default:
      return NOTHING;
  }
};

/** What a registered model consists of: whoever deploys it runs that. */
const REGISTERED = [
  'ModelDataUrl',
  'ModelDataSource.S3DataSource.S3Uri',
  'AdditionalModelDataSources[].S3DataSource.S3Uri',
  SUBMITTED,
];

const DRIVER = 'Arguments.JobConfig.jobDriver';
const NOTHING: HandedCode = { places: [], open: [] };
const SPACES = /\s+/;
const COMMAS = /,/;

/** AWS’s own program, whose first argument is a script. */
const isScriptRunner = ({ resolved }: Word): boolean => /script-runner\.jar$/.test(displayText(resolved));

/** AWS’s own buckets, in which its programs lie: `s3://eu-west-1.elasticmapreduce/…`. */
const OF_AWS = /^(?:[a-z0-9-]+\.)?elasticmapreduce$/;

/**
 * No bucket ever had a name of less than three characters, so that nobody can write what lies there.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
const NO_BUCKET = /^s3:\/\/[^/]{0,2}\//;

const told = (words: readonly Word[]): HandedCode => {
  const found: HandedCode = { places: [], open: [] };
  for (const { pointer, resolved } of words) {
    const place = s3Place(resolved);
    if (!place || NO_BUCKET.test(leadingText(resolved))) continue;
    if ('reason' in place) found.open.push({ pointer, reason: place.reason, isCode: true });
    else if (!OF_AWS.test(place.bucket))
      found.places.push({
        direction: 'input',
        pointer,
        ...place,
        isObject: isFileKey(place.keyPattern),
        isListed: false,
        isCode: true,
      });
  }
  return found;
};

/** Options of spark-submit, spark-sql, hadoop, hive and pig that are followed by programs, files of them, or archives. */
const CODE_OPTIONS: ReadonlySet<string> = new Set([
  ...['--jars', '--py-files', '--files', '--archives', '--properties-file'],
  ...['-libjars', '-files', '-archives', '-mapper', '-reducer', '-combiner', '-f', '-i', 'jar'],
]);

/** Options of spark-submit that nothing follows. */
const FLAGS: ReadonlySet<string> = new Set(['--supervise', '--verbose', '-v', '--help', '--version']);

const CONF_OF_CODE =
  /^(?:--conf=)?["']?spark\.(?:submit\.pyFiles|(?:yarn\.(?:dist\.)?)?(?:jars|files|archives))=/;

/** Names of programs; what else an argument may be is data. */
const PROGRAM = /\.(?:py|jar|sh|r|egg|whl|hql|q|sql|pig|scala)$/i;

/** Walks over the words of a command and keeps those that are code. */
const codeIn = (words: readonly Word[], isScriptFirst: boolean): Word[] => {
  const found: Word[] = [];
  let isSpark = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Word;
    const text = displayText(word.resolved);
    const [, option = ''] = /^(--?[a-z-]+)=/.exec(text) ?? [];
    if ((isScriptFirst && at === 0) || CONF_OF_CODE.test(text) || CODE_OPTIONS.has(option))
      found.push(...listed(at === 0 && isScriptFirst ? word : afterEquals(word)));
    else if (CODE_OPTIONS.has(text)) {
      const next = words[++at];
      if (next) found.push(...listed(next));
    } else if (isSpark && text.startsWith('-')) {
      if (option === '' && !FLAGS.has(text) && !CONF_OF_CODE.test(textOf(words[at + 1]))) at++;
    } else if (isSpark) {
      // What follows the program are its own arguments.
      found.push(word, ...words.slice(at + 1).filter(isProgram));
      break;
    } else if (/(?:^|\/)spark-submit$/.test(text)) isSpark = true;
    else found.push(...split(word, SPACES).filter(isProgram));
  }
  return found;
};

const textOf = (word: Word | undefined): string => (word ? displayText(word.resolved) : '');

const isProgram = ({ resolved }: Word): boolean =>
  leadingText(resolved).startsWith('s3://') && PROGRAM.test(displayText(resolved));

/** A list of places, each perhaps with the name that it gets (`#environment`). */
const listed = (word: Word): Word[] =>
  split(word, COMMAS).map(({ pointer, resolved }) => ({
    pointer,
    resolved: withParts(resolved, (text) => (text.split('#', 1)[0] ?? '').replaceAll(/["']/g, '')),
  }));

const afterEquals = ({ pointer, resolved }: Word): Word => {
  let isBehind = false;
  return {
    pointer,
    resolved: withParts(resolved, (text) => {
      if (isBehind) return text;
      const from = text.lastIndexOf('=', text.includes('://') ? text.indexOf('://') : text.length);
      isBehind = from >= 0;
      return isBehind ? text.slice(from + 1) : text;
    }),
  };
};

const withParts = ({ parts, parameters }: ResolvedText, change: (text: string) => string): ResolvedText => ({
  parts: parts
    .map((part) => ('text' in part ? { text: change(part.text) } : part))
    .filter((part) => !('text' in part) || part.text !== ''),
  parameters,
});

/** The words between separators, which what only a run tells does not contain. */
const split = ({ pointer, resolved: { parts, parameters } }: Word, separator: RegExp): Word[] => {
  const words: TextPart[][] = [[]];
  for (const part of parts) {
    if (!('text' in part)) {
      words.at(-1)?.push(part);
      continue;
    }
    const [first = '', ...others] = part.text.split(separator);
    if (first !== '') words.at(-1)?.push({ text: first });
    for (const text of others) words.push(text === '' ? [] : [{ text }]);
  }
  return words
    .filter((word) => word.length > 0)
    .map((word) => ({ pointer, resolved: { parts: word, parameters } }));
};
