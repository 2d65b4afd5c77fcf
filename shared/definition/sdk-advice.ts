import { member } from '../json/json.ts';
import { displayText, type ResolveScope, resolveText } from './expression.ts';
import type { Step } from './parse.ts';
import { SDK_WORDS, type SdkWay, type SdkWays, TRAINING_WORDS, type TrainingMaker } from './sdk-words.ts';
import type { StepTypeName } from './step-type-names.ts';
import { stepImages, valuesAt } from './step-values.ts';

/** The setting without which the SDK leaves the base job names of all steps out, and since when each SDK has it. */
export const PREFIXING = 'PipelineDefinitionConfig(use_custom_job_prefix=True)';
export const PREFIXING_SINCE = 'in SDK 2 from 2.171.0 on';

/** How the code of the SDK gives a step its base job name; without a value, the value is left open. Empty for unknown types. */
export const baseNameAdvice = (step: Step, value?: string): string => {
  const name = wordsOf(step)?.name;
  return name ? waysText(name, value) : '';
};

/** How the code of the SDK gives a base job name to the steps of a type; empty where they get none. */
export const baseNameAdviceFor = (type: StepTypeName): string => {
  const { name } = SDK_WORDS[type];
  return name ? waysText(name) : '';
};

/** How the code of the SDK gives a step the role in one of the fields of its type. Empty for unknown types. */
export const roleAdvice = (step: Step, field: string): string => {
  const roles = wordsOf(step)?.roles ?? {};
  const named = Object.hasOwn(roles, field) ? roles[field] : undefined;
  return named ? waysText(named) : '';
};

type Words = { name: SdkWays | null; roles: Readonly<Partial<Record<string, SdkWays>>> };

const wordsOf = (step: Step): Words | undefined => {
  if (step.type === undefined) return undefined;
  const maker = trainingMaker(step);
  return maker === undefined ? SDK_WORDS[step.type] : TRAINING_WORDS[maker];
};

/** What made a Training step, where its arguments show that: an estimator and a trainer leave no mark of their own. */
export const trainingMaker = (step: Step): TrainingMaker | undefined => {
  if (step.type !== 'Training') return undefined;
  const entry = valuesAt(step, 'Arguments.AlgorithmSpecification.ContainerEntrypoint[]').map(
    ({ value }) => value,
  );
  if (entry.includes('amazon_sagemaker_scheduler')) return 'notebook';
  if (entry.some((part) => typeof part === 'string' && part.endsWith(FUNCTION_DRIVER))) return 'function';
  const parameters = member(step.arguments, 'HyperParameters');
  const isRepacked = REPACKING.every((key) => member(parameters, key) !== undefined);
  return isRepacked ? 'repacked model' : undefined;
};

const FUNCTION_DRIVER = '/sagemaker_remote_function_bootstrap/job_driver.sh';
const REPACKING = ['inference_script', 'model_archive'];

/**
 * The base job name that SDK 3 left out of a step of a ModelTrainer: the place of its code still has it. Source:
 * ModelTrainer of 3.27.0, which uploads to `<base job name>-<time>/input`.
 */
export const droppedBaseName = (step: Step): string | undefined => {
  if (step.type !== 'Training') return undefined;
  for (const { value } of valuesAt(step, 'Arguments.InputDataConfig[].DataSource.S3DataSource.S3Uri')) {
    const name = typeof value === 'string' ? DRIVERS.exec(value)?.[1] : undefined;
    if (name !== undefined) return name;
  }
  return undefined;
};

const DRIVERS = /\/([^/]{1,63})-\d{14}\/input\/sm_drivers$/;

const waysText = ({ sdk2, sdk3 }: SdkWays, value?: string): string => {
  const [two, three] = [wayText(sdk2, value), wayText(sdk3, value)];
  return two === three ? `SDK 2 and 3: ${two}.` : `SDK 2: ${two}. SDK 3: ${three}.`;
};

const wayText = (way: SdkWay, value: string | undefined): string => {
  if ('none' in way) return way.none;
  const call = way.call.replace('VALUE', () => (value === undefined ? '…' : JSON.stringify(value)));
  return way.note === undefined ? call : `${call} (${way.note})`;
};

/**
 * Where the base job name of a step comes from if the code gave none, or the SDK passed over it: the jobs of every team get such
 * names.
 */
export const takenFrom = (step: Step, name: string, scope: ResolveScope): 'image' | 'SDK 3' | undefined => {
  const images = stepImages(step).map(({ value }) => displayText(resolveText(value, scope)));
  if (images.some((image) => image.split('/').at(-1)?.split(/[:@]/)[0] === name)) return 'image';
  return SDK3_CHECK_NAMES[name] === step.type ? 'SDK 3' : undefined;
};

/** The names that SDK 3.27.0 writes whatever CheckJobConfig says. */
const SDK3_CHECK_NAMES: Readonly<Partial<Record<string, StepTypeName>>> = {
  'baseline-job': 'QualityCheck',
  'clarify-job': 'ClarifyCheck',
};
