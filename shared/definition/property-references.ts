import { asList, asText, isObject, type Json, member } from '../json/json.ts';
import { nearest } from '../text/suggestion.ts';
import { withArticle } from '../text/with-article.ts';
import { type Members, requestMembers, structure } from './api-members.ts';
import { madeMembers } from './definition-members.ts';
import type { Mistake } from './mistake.ts';
import { entryNamed, entryNames } from './named-entries.ts';
import type { Definition, Step } from './parse.ts';
import { hasPlaceholder, mayBecome } from './placeholders.ts';
import { referenceKeys } from './reference-keys.ts';
import { MAX_REFERENCE } from './text-parts.ts';

/** What is wrong with a name or reference, before its place is known. */
export type Wrong = Pick<Mistake, 'certainty' | 'found' | 'expected'> & { meant?: string | undefined };

export const meaning = (meant: string | undefined): string =>
  meant === undefined ? '' : `, such as ${meant}`;

/** Whether a value is an expression, so that only a run tells what stands there. */
export const isExpressionValue = (value: Json): boolean =>
  isObject(value) && Object.keys(value).some((key) => key === 'Get' || key.startsWith('Std:'));

/** What is wrong with the path of a reference behind the name of a step; undefined where nothing is. */
export const wrongPath = (
  reference: string,
  path: string,
  target: Step,
  definition: Definition,
): Wrong | undefined =>
  reference.length > MAX_REFERENCE
    ? undefined
    : (wrongDeclared(reference, path, target, definition) ??
      wrongMember(reference, path, target) ??
      wrongIteration(reference, path, target, definition) ??
      wrongEntry(reference, path, target, definition));

/** The lists of a step that declare what later steps can refer to, and the member that has the name. */
const DECLARED = { PropertyFiles: 'PropertyFileName', OutputParameters: 'OutputName' } as const;

/** In brackets a name ends with the path, and behind a dot it is the whole rest: both may have dots of their own. */
const DECLARED_PATH = /^\.(PropertyFiles|OutputParameters)(?:\.(.+)|\['(.+)'\]|\["(.+)"\])$/s;

/** Of a property file or output of a Lambda or Callback, which the step itself declares. */
const wrongDeclared = (
  reference: string,
  path: string,
  target: Step,
  definition: Definition,
): Wrong | undefined => {
  const [, list, ...forms] = DECLARED_PATH.exec(path) ?? [];
  const name = forms.find((each) => each !== undefined);
  if ((list !== 'PropertyFiles' && list !== 'OutputParameters') || name === undefined) return undefined;
  if (list === 'PropertyFiles' && target.type !== undefined && target.type !== 'Processing')
    return {
      certainty: 'sure',
      found: `${reference}: ${withArticle(target.type)} step has no property files`,
      expected: 'a property file of a Processing step',
    };
  const names = asList(member(target.raw, list)).map((entry) => asText(member(entry, DECLARED[list])));
  if (!areTold(names) || names.includes(name)) return undefined;
  return {
    certainty: isOpenAmong(name, names, definition) ? 'open' : list === 'PropertyFiles' ? 'sure' : 'likely',
    found: `${reference}: step ${target.name} declares no ${name} in its ${list}`,
    expected: `what step ${target.name} declares${meaning(nearest(name, names))}`,
  };
};

const areTold = (names: readonly (string | undefined)[]): names is string[] => !names.includes(undefined);

const isOpenAmong = (name: string, names: readonly string[], { isTemplate }: Definition): boolean =>
  isTemplate === true && (hasPlaceholder(name) || names.some((each) => mayBecome(each, name)));

/** Properties that are no members of an answer of the API: the SDK has them. */
const ADDED: readonly string[] = ['PropertyFiles', 'BestCandidateProperties'];

/** The first member of the path that what the step makes does not have. */
const wrongMember = (reference: string, path: string, target: Step): Wrong | undefined => {
  let members: Members | undefined = madeMembers(target);
  for (const { key, isEntry } of referenceKeys(path)) {
    if (isEntry || typeof key === 'number') continue;
    if (!members || ADDED.includes(key)) return undefined;
    if (!members.has(key)) {
      const meant = nearest(key, [...members.keys()]);
      return {
        certainty: 'likely',
        found: `${reference}: no ${key} is told of what ${withArticle(target.type ?? 'untyped')} step makes`,
        expected: `a property of step ${target.name}${meaning(meant)}`,
      };
    }
    members = structure(members.get(key));
  }
  return undefined;
};

/** Of a step that a ForEach repeats, of one of whose runs a reference tells. */
const wrongIteration = (
  reference: string,
  path: string,
  target: Step,
  { steps }: Definition,
): Wrong | undefined => {
  const [list, item, body] = target.type === 'ForEach' ? referenceKeys(path) : [];
  if (list?.key !== 'IterationOutputs' || !item?.isEntry || body === undefined) return undefined;
  const names = steps.filter(({ parent }) => parent === target).map(({ name }) => name);
  const name = String(body.key);
  if (names.includes(name)) return undefined;
  return {
    certainty: 'likely',
    found: `${reference}: step ${target.name} repeats no step ${name}`,
    expected: `a step in the ForEachBody of ${target.name}${meaning(nearest(name, names))}`,
  };
};

/**
 * Of an entry of a list, by its name or place, that the arguments of the step do not have: what SageMaker tells of a job’s inputs
 * and outputs is what its request gives. A processing job without a list has no entries; of other jobs, a list may be made by SageMaker.
 */
const wrongEntry = (
  reference: string,
  path: string,
  target: Step,
  definition: Definition,
): Wrong | undefined => {
  if (!requestMembers(target)) return undefined;
  let value: Json | undefined = target.arguments;
  let field = '';
  for (const { key, isEntry } of referenceKeys(path)) {
    if (!isEntry) {
      value = member(value, String(key));
      field = String(key);
      if (value === undefined && target.type !== 'Processing') return undefined;
      continue;
    }
    const list = value === undefined && isOfProcessing(path) ? NO_ENTRIES : value;
    const names = Array.isArray(list) ? entryNames(list) : undefined;
    if (names === undefined) return undefined;
    if (typeof key === 'number' ? key < names.length : names.includes(key)) {
      value = typeof key === 'number' ? asList(value)[key] : entryNamed(value, 'any', key);
      continue;
    }
    const isOpen = typeof key === 'string' && isOpenAmong(key, names, definition);
    return {
      certainty: isOpen ? 'open' : value === undefined ? 'likely' : 'sure',
      found: `${reference}: step ${target.name} gives ${field} no entry ${key}`,
      expected: `an entry that step ${target.name} gives${meaning(typeof key === 'string' ? nearest(key, names) : undefined)}`,
    };
  }
  return undefined;
};

const NO_ENTRIES: readonly Json[] = [];

const isOfProcessing = (path: string): boolean =>
  /^\.(?:ProcessingInputs|ProcessingOutputConfig)\b/.test(path);

/** Of the output that a property file is in, which the step must have. */
export const wrongOutputName = (
  name: string | undefined,
  step: Step,
  definition: Definition,
): Wrong | undefined => {
  if (name === undefined || step.type !== 'Processing') return undefined;
  const config = member(step.arguments, 'ProcessingOutputConfig');
  const outputs = config === undefined ? NO_ENTRIES : member(config, 'Outputs');
  const names = Array.isArray(outputs) ? entryNames(outputs) : undefined;
  if (names === undefined || names.includes(name)) return undefined;
  const meant = nearest(name, names);
  return {
    certainty: isOpenAmong(name, names, definition) ? 'open' : 'sure',
    found: `${name}: step ${step.name} has no output of this name`,
    expected: `an output of step ${step.name}${meaning(meant)}`,
    meant,
  };
};
