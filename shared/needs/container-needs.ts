import { urisForContainer } from '../definition/container-texts.ts';
import type { ResolveScope } from '../definition/expression.ts';
import type { Step } from '../definition/parse.ts';
import { canonicalGlob, type Glob, parseGlob } from '../iam/policy/glob.ts';
import { covers } from '../iam/policy/glob-relations.ts';
import { once } from '../memo.ts';
import { counted } from '../text/counted.ts';
import type { DataNeed } from './data-needs.ts';
import type { UnknownNeed } from './need.ts';

/**
 * The S3 places that a step tells its container, and that none of its inputs and outputs covers: the role of the job needs what the
 * code does there, which no definition tells.
 */
export const untoldPlaces = (step: Step, scope: ResolveScope, data: readonly DataNeed[]): UnknownNeed[] => {
  const { uris, more } = urisForContainer(step, scope);
  if (uris.length === 0 && !more) return [];
  const own = new Set(
    data.flatMap(({ need }) =>
      OF_OBJECTS.includes(need.action)
        ? [need, ...(need.or ?? [])].map(({ resource }) => resource.slice(resource.indexOf(OF_S3)))
        : [],
    ),
  );
  const globs = once(() => [...own].map(globOf));
  const isCovered = (object: string): boolean => {
    const ways = [object, `${object}/*`];
    // Most places are inputs as they are written.
    if (ways.some((way) => own.has(way))) return true;
    const asked = ways.map(globOf);
    return globs().some((glob) => asked.some((way) => covers(glob, way)));
  };
  // Places times inputs would be too many to compare: of what is not compared it is not known whether it is covered.
  const most = Math.max(MAX_TOLD, Math.floor(MOST_COMPARED / Math.max(own.size, 1)));
  const untold = uris
    .slice(0, most)
    .filter(({ place }) => !place || !isCovered(`${OF_S3}${place.bucket}/${place.keyPattern}`));
  const [next] = [...untold.slice(MAX_TOLD), ...uris.slice(most), ...(more ? [more] : [])];
  const left = Math.max(untold.length - MAX_TOLD, 0) + Math.max(uris.length - most, 0) + (more?.texts ?? 0);
  return [
    ...untold.slice(0, MAX_TOLD).map(({ pointer, shown }) => ({
      pointer,
      reason: `${step.name}: its container is told ${shown}, which is no input or output of the step, and only its code tells what it does there; allow s3:GetObject, s3:PutObject or s3:ListBucket on it by hand`,
    })),
    ...(next
      ? [
          {
            pointer: next.pointer,
            reason: `${step.name}: its container is told ${counted(left, 'further place')}; see by hand which of them its inputs and outputs do not cover`,
          },
        ]
      : []),
  ];
};

/** ARNs of S3 are compared without their partition. */
const OF_S3 = ':s3:::';

const globOf = (text: string): Glob => canonicalGlob(parseGlob(text));

const OF_OBJECTS: readonly string[] = ['s3:GetObject', 's3:PutObject'];

/** So many comparisons of a place with an input take a fraction of a second. */
const MOST_COMPARED = 100_000;

/** A person reads so many of them one by one; the others are counted. */
const MAX_TOLD = 20;
