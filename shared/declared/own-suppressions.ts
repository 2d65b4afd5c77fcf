import { COMMENT_FORM, commentSuppression } from '../config/comment-suppressions.ts';
import { type InlineSuppression, inlineSuppressions } from '../config/inline-suppressions.ts';
import type { ResourceType } from '../domain/resource.ts';
import type { DeclaredProblem, DeclaredResource, Note, Origin } from './declared.ts';

/** What a control judges. */
type Judging = { id: string; on: readonly ResourceType[] };

/** A suppression that a source holds, with its place. */
export type OwnSuppression = { suppression: InlineSuppression; origin: Origin };

/** The suppressions in the source of a resource: in its Metadata, and in comments. */
export const ownSuppressions = (
  resource: DeclaredResource,
  controls: readonly Judging[],
): OwnSuppression[] => {
  const { found } = written(resource, idsOf(controls));
  return found.filter(({ suppression }) => isAbout(resource, suppression.control, controls));
};

/** What keeps suppressions in sources from being one, each place once: several instances come from one block. */
export const suppressionMistakes = (
  resources: readonly DeclaredResource[],
  controls: readonly Judging[],
): DeclaredProblem[] => {
  const ids = idsOf(controls);
  const mistakes = new Map<string, DeclaredProblem>();
  const told = new Set<string>();
  for (const resource of resources) {
    const { found, wrong } = written(resource, ids);
    for (const each of wrong) mistakes.set(keyOf(each), each);
    for (const { suppression, origin } of found) {
      const key = `${keyOf(origin)} ${suppression.control}`;
      if (isAbout(resource, suppression.control, controls)) told.add(key);
      else
        mistakes.set(key, {
          ...origin,
          message: `no finding of ${suppression.control} is about what is declared here, so that this suppresses nothing; findings on a policy are about the principals that have it: write it at their resources`,
        });
    }
  }
  return [...mistakes].flatMap(([key, mistake]) => (told.has(key) ? [] : [mistake]));
};

/** What is wrong with comments that belong to no resource which is judged, each once. */
export const strayMistakes = (notes: readonly Note[]): DeclaredProblem[] => [
  ...new Map(
    notes.flatMap(({ text, origin }) =>
      commentSuppression(text, []) ? [[keyOf(origin), { ...origin, message: STRAY }] as const] : [],
    ),
  ).values(),
];

const STRAY =
  'this comment suppresses nothing: it stands neither in the block of a resource that is judged nor directly above one';

const keyOf = ({ file, pointer }: Origin): string => `${file.path} ${pointer}`;

const idsOf = (controls: readonly Judging[]): string[] => controls.map(({ id }) => id);

const written = (
  { origin, metadata = null, notes = [] }: DeclaredResource,
  ids: readonly string[],
): { found: OwnSuppression[]; wrong: DeclaredProblem[] } => {
  const found: OwnSuppression[] = [];
  const inMetadata = inlineSuppressions({ Metadata: metadata }, ids);
  for (const suppression of inMetadata.suppressions) {
    const pointer = `${origin.pointer}/Metadata/pipewarden`;
    found.push({ suppression, origin: { file: origin.file, pointer } });
  }
  const wrong: DeclaredProblem[] = inMetadata.mistakes.map(({ pointer, found: what, remedy }) => ({
    file: origin.file,
    pointer: `${origin.pointer}${pointer}`,
    message: `${what}: ${remedy}`,
  }));
  for (const { text, origin: place } of notes) {
    const read = commentSuppression(text, ids);
    if (!read) continue;
    if ('wrong' in read)
      wrong.push({
        ...place,
        message: `${read.wrong}; this comment suppresses nothing until it is ${COMMENT_FORM}`,
      });
    else found.push({ suppression: read, origin: place });
  }
  return { found, wrong };
};

/** Findings are about these; a policy’s, or a bucket’s CORS rules’, are about what has them. */
const ABOUT: Partial<Record<DeclaredResource['type'], readonly ResourceType[]>> = {
  role: ['role'],
  user: ['user'],
  pipeline: ['pipeline', 'execution'],
  job: ['job'],
  bucket: ['bucket'],
};

const isAbout = ({ type }: DeclaredResource, control: string, controls: readonly Judging[]): boolean => {
  const on = controls.find(({ id }) => id === control)?.on ?? [];
  return (ABOUT[type] ?? []).some((each) => on.includes(each));
};
