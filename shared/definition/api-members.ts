import table from './api-members.generated.json' with { type: 'json' };
import type { Step } from './parse.ts';

/** The members of a structure of the API, each with the name of the structure that it (or each of its entries) is. */
export type Members = ReadonlyMap<string, string>;

const SHAPES: ReadonlyMap<string, Members> = new Map(
  Object.entries(table.shapes).map(([name, members]) => [name, new Map(Object.entries(members))]),
);

const membersOf = (shapes: readonly string[] | undefined): Members | undefined =>
  shapes && new Map(shapes.flatMap((name) => [...(SHAPES.get(name) ?? [])]));

const REQUESTS = new Map(Object.entries(table.requests).map(([type, shapes]) => [type, membersOf(shapes)]));
const RESULTS = new Map(Object.entries(table.results).map(([type, shapes]) => [type, membersOf(shapes)]));

/** The members of the request that a step makes; undefined where its arguments are not such a request. */
export const requestMembers = ({ type }: Pick<Step, 'type'>): Members | undefined =>
  type && REQUESTS.get(type);

/**
 * The members of what a step made, to which later steps can refer; undefined where this is no answer of the API.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps.html#build-and-manage-properties
 */
export const resultMembers = ({ type }: Pick<Step, 'type'>): Members | undefined => type && RESULTS.get(type);

/** The members of a structure by its name; undefined for a member that is no structure, such as a text or a map. */
export const structure = (name: string | undefined): Members | undefined =>
  name === undefined || name === '' ? undefined : SHAPES.get(name);
