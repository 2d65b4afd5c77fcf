import { isObject, pointerToken } from '../json/json.ts';
import { leadingText, type ResolvedText, type ResolveScope } from './expression.ts';
import type { Step } from './parse.ts';
import type { DataPlace } from './s3-place.ts';
import { followText } from './step-reference.ts';
import { stepType } from './step-types.ts';
import { type Located, valuesAt } from './step-values.ts';

/** The SDK tells frameworks a place for the model in this hyperparameter, whether they write there or not. */
const UNUSED = 'model_dir';

/**
 * Hyperparameters that are S3 URIs. They are inputs, such as the code that the SDK packs
 * (`sagemaker_submit_directory`), unless their names speak of output or checkpoints.
 * https://sagemaker.readthedocs.io/en/stable/frameworks/tensorflow/using_tf.html
 */
export const hyperParameterReferences = (
  step: Step,
  scope: ResolveScope,
): (Located & { direction: DataPlace['direction']; resolved: ResolvedText })[] =>
  stepType(step.type)
    .hyperParameters.flatMap((path) => valuesAt(step, path))
    .flatMap(({ pointer, field, value: holder }) =>
      (isObject(holder) ? Object.entries(holder) : []).flatMap(([name, value]) => {
        const resolved = withoutQuotes(followText(value, scope));
        if (name === UNUSED || !leadingText(resolved).startsWith('s3://')) return [];
        const direction = /output|checkpoint/i.test(name) ? 'output' : 'input';
        return [{ pointer: `${pointer}/${pointerToken(name)}`, field, value, holder, direction, resolved }];
      }),
    );

/** The SDK writes hyperparameters as JSON, so a text is in quotes. */
const withoutQuotes = ({ parts, parameters }: ResolvedText): ResolvedText => {
  const ends = parts.length - 1;
  const isQuoted = leadingText({ parts, parameters }).startsWith('"');
  const bare = (text: string, index: number) =>
    text.slice(index === 0 ? 1 : 0).replace(index === ends ? /"$/ : /$^/, '');
  return {
    parts: isQuoted
      ? parts.map((part, index) => ('text' in part ? { text: bare(part.text, index) } : part))
      : parts,
    parameters,
  };
};

const CONTAINERS_OF_MODELS = ['Arguments.PrimaryContainer', 'Arguments.Containers[]'];

/** The variable in which the SDK tells the container of a model where its code lies. */
export const SUBMITTED = 'Environment.SAGEMAKER_SUBMIT_DIRECTORY';

/**
 * The code that the containers of a model load from S3; a place in the container itself is none.
 * https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html
 */
export const submittedCode = (
  step: Step,
  scope: ResolveScope,
): (Located & { direction: DataPlace['direction']; resolved: ResolvedText })[] =>
  (step.type === 'Model' ? CONTAINERS_OF_MODELS : [])
    .flatMap((container) => valuesAt(step, `${container}.${SUBMITTED}`))
    .flatMap((at) => {
      const resolved = followText(at.value, scope);
      const beginning = leadingText(resolved);
      return beginning === '' || beginning.startsWith('s3://')
        ? [{ ...at, direction: 'input' as const, resolved }]
        : [];
    });
