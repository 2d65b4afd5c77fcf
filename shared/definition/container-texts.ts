import { asText, isObject, pointerToken } from '../json/json.ts';
import { displayText, type ResolvedText, type ResolveScope } from './expression.ts';
import type { Step } from './parse.ts';
import { type S3Place, s3Place } from './s3-place.ts';
import { followText } from './step-reference.ts';
import { stepType } from './step-types.ts';
import { type Located, valuesAt } from './step-values.ts';
import { joined, type TextPart } from './text-parts.ts';

/** An S3 URI in a text that a step hands to its container, with the place that it names, as far as the definition tells it. */
export type NamedUri = { pointer: string; shown: string; place: S3Place | undefined };

/** The URIs that a container is told; `more`: so many further texts, from the pointer on, were not read. */
export type ContainerUris = { uris: readonly NamedUri[]; more?: { pointer: string; texts: number } };

const LISTS = ['AppSpecification', 'AlgorithmSpecification'].flatMap((of) =>
  ['ContainerArguments', 'ContainerEntrypoint'].map((field) => `Arguments.${of}.${field}[]`),
);
const OBJECTS = [
  'Arguments.Environment',
  'Arguments.TrainingJobDefinition.Environment',
  'Arguments.TrainingJobDefinitions[].Environment',
  'Arguments.PrimaryContainer.Environment',
  'Arguments.Containers[].Environment',
];

/**
 * The S3 URIs in the arguments, the entry point, the environment and the hyperparameters of a step’s container: only the code in
 * it tells whether it reads or writes there.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AppSpecification.html
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
 */
export const urisForContainer = (step: Step, scope: ResolveScope): ContainerUris => {
  if (stepType(step.type).dataRole === 'none') return { uris: [] };
  const values = [
    ...LISTS.flatMap((path) => valuesAt(step, path)),
    ...[...OBJECTS, ...stepType(step.type).hyperParameters].flatMap((path) =>
      valuesAt(step, path).flatMap(membersOf),
    ),
  ];
  const texts = values.filter(({ value }) => (asText(value) ?? '').includes(SCHEME) || isObject(value));
  const read = texts.slice(0, MAX_TEXTS).flatMap(({ pointer, value }) =>
    urisIn(followText(value, scope)).map((uri): NamedUri => {
      const place = s3Place(uri);
      return {
        pointer,
        shown: displayText(uri),
        place: place && 'bucket' in place ? place : undefined,
      };
    }),
  );
  const uris = [...new Map(read.map((uri) => [`${uri.pointer} ${uri.shown}`, uri])).values()];
  const [next] = texts.slice(MAX_TEXTS);
  return { uris, ...(next && { more: { pointer: next.pointer, texts: texts.length - MAX_TEXTS } }) };
};

/** A container that is told more texts with URIs is hostile, or its list is for a file. */
const MAX_TEXTS = 500;

const membersOf = ({ pointer, value }: Located) =>
  (isObject(value) ? Object.entries(value) : []).map(([name, of]) => ({
    pointer: `${pointer}/${pointerToken(name)}`,
    value: of,
  }));

const SCHEME = 's3://';

/** What ends a URI in a command line, in a list or in JSON. */
const ENDS = /[\s,;"'\\|<>()[\]{}]/;

/** The URIs in a text; a part that only a run tells belongs to the URI before it. */
const urisIn = ({ parts, parameters }: ResolvedText): ResolvedText[] => {
  const found: TextPart[][] = [];
  let open: TextPart[] | undefined;
  for (const part of parts) {
    if (!('text' in part)) {
      open?.push(part);
      continue;
    }
    let rest = part.text;
    while (rest !== '') {
      if (open) {
        const end = rest.search(ENDS);
        const text = end < 0 ? rest : rest.slice(0, end);
        if (text !== '') open.push({ text });
        rest = end < 0 ? '' : rest.slice(end);
        if (end < 0) break;
        open = undefined;
      }
      const start = rest.indexOf(SCHEME);
      if (start < 0) break;
      open = [{ text: SCHEME }];
      found.push(open);
      rest = rest.slice(start + SCHEME.length);
    }
  }
  return found.map((uri) => ({ parts: joined(uri), parameters }));
};
