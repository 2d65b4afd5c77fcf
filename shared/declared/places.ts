import type { Finding } from '../domain/finding.ts';
import { inlineName } from '../iam/decide/authorization-details.ts';
import { asList, asText, isObject, type Json, member } from '../json/json.ts';
import type { TextPosition } from '../json/json-text.ts';
import { arnOf } from './addresses.ts';
import type { Construct, Declared, DeclaredResource, Origin, Origins } from './declared.ts';

/** The file that declares what a finding is about, and where its evidence stands there. `at` is the evidence’s own name for it. */
export type DeclaredPlace = {
  path: string;
  regions: readonly (TextPosition & { at?: string })[];
  /** The construct to change, where a tool has made the file. */
  construct?: Construct;
};

/** A value of a declared resource: the JSON value that `pointer` leads on from, and the resource’s own place for where it ends. */
type Start = { value: Json; pointer: string; resource: DeclaredResource };

/** What is declared in one way to fill the holes, and the findings on it. */
type Judged = { declared: Declared; findings: readonly Finding[] };

/** What a finding is about, and where its evidence was written. */
type Written = {
  own: DeclaredResource;
  evidence: readonly { at: string; origin: Origin; resource: DeclaredResource }[];
};

/**
 * Where findings stand in the sources; `all` is what is declared in each way to fill the holes, the first way first. Each source is
 * walked through once.
 */
export const declaredPlaces = (
  all: readonly Judged[],
  findings: readonly Finding[],
): ReadonlyMap<Finding, DeclaredPlace> => {
  const byArn = new Map(
    all.toReversed().flatMap(({ declared }) =>
      declared.resources.flatMap(
        (resource): [string, { resource: DeclaredResource; declared: Declared }][] => {
          const arn = arnOf(resource);
          return arn === undefined ? [] : [[arn.toLowerCase(), { resource, declared }]];
        },
      ),
    ),
  );
  const written = new Map(
    findings.flatMap((finding): [Finding, Written][] => {
      const found = byArn.get(finding.resource.arn.toLowerCase());
      return found ? [[finding, writtenOf(finding, found.resource, found.declared)]] : [];
    }),
  );
  const origins = [...written.values()].flatMap(({ own, evidence }) => [
    own.origin,
    ...evidence.map(({ origin }) => origin),
  ]);
  const places = new Map(
    [...new Set(origins.map(({ file }) => file))].map((file) => [
      file,
      file.places(origins.flatMap((origin) => (origin.file === file ? origin.pointer : []))),
    ]),
  );
  return new Map(
    [...written].map(([finding, each]) => [
      finding,
      placeOf(each, ({ file, pointer }) => places.get(file)?.get(pointer)),
    ]),
  );
};

/** A place names one file: that of the first piece of evidence that stands in one. */
const placeOf = (
  { own, evidence }: Written,
  positionOf: (origin: Origin) => TextPosition | undefined,
): DeclaredPlace => {
  const { file } = evidence[0]?.origin ?? own.origin;
  const { construct } = evidence[0]?.resource ?? own;
  const regions = evidence.flatMap(({ at, origin }) => {
    const position = origin.file === file ? positionOf(origin) : undefined;
    return position ? [{ line: position.line, column: position.column, at }] : [];
  });
  const position = positionOf(own.origin);
  return {
    path: file.path,
    regions: regions.length > 0 || !position ? regions : [{ line: position.line, column: position.column }],
    ...(construct && { construct }),
  };
};

const writtenOf = (finding: Finding, resource: DeclaredResource, declared: Declared): Written => ({
  own: resource,
  evidence: finding.evidence.flatMap(({ at }) => {
    const start = startOf(at, resource, declared.resources);
    const origin = start && walked(start, declared.origins);
    return origin ? [{ at, origin, resource: start.resource }] : [];
  }),
});

const startOf = (
  at: string,
  resource: DeclaredResource,
  resources: readonly DeclaredResource[],
): Start | undefined => {
  switch (resource.type) {
    case 'role':
    case 'user':
    case 'group':
      return inPrincipal(at, resource, resources);
    case 'managed-policy':
      return inManaged(at, resource);
    case 'pipeline':
      return {
        value: member(resource.entry, 'PipelineDefinition') ?? null,
        pointer: pointerIn(at),
        resource,
      };
    case 'bucket':
      return inCors(at, resource, resources);
    case 'job':
    case 'attached-policy':
    case 'membership':
    case 'exclusive':
    case 'bucket-cors':
    case 'bucket-policy':
    case 'key':
      return undefined;
  }
};

/** Evidence of a definition is a pointer into it; that of an execution has one after the execution’s ARN. */
const pointerIn = (at: string): string =>
  at.startsWith('/') ? at : (/^arn:\S+ (\/[^;]+)/.exec(at)?.[1] ?? '');

type DeclaredPrincipal = Extract<DeclaredResource, { type: 'role' | 'user' | 'group' }>;

const inPrincipal = (
  at: string,
  resource: DeclaredPrincipal,
  resources: readonly DeclaredResource[],
): Start | undefined => {
  const [policy, pointer] = splitAtStatement(at);
  const { entry, arn, type, name } = resource;
  if (policy === `trust policy of ${arn}`)
    return { value: member(entry, 'AssumeRolePolicyDocument') ?? null, pointer, resource };
  if (policy === `tags of ${arn}`) return { value: member(entry, 'Tags') ?? null, pointer: '', resource };
  const key = `${{ role: 'Role', user: 'User', group: 'Group' }[type]}PolicyList`;
  for (const inline of asList(member(entry, key)))
    if (policy === inlineName(arn, asText(member(inline, 'PolicyName')) ?? ''))
      return { value: member(inline, 'PolicyDocument') ?? null, pointer, resource };
  for (const each of resources) {
    if (each.type === 'managed-policy' && each.arn === policy) return inManaged(at, each);
    if (each.type !== 'attached-policy' || each.holder.name !== name || !('document' in each.policy))
      continue;
    if (policy === inlineName(arn, each.policy.name))
      return { value: each.policy.document, pointer, resource: each };
  }
  return undefined;
};

const inManaged = (at: string, resource: Extract<DeclaredResource, { type: 'managed-policy' }>): Start => {
  const [, pointer] = splitAtStatement(at);
  const [version] = asList(member(resource.entry, 'PolicyVersionList'));
  return { value: member(version, 'Document') ?? null, pointer, resource };
};

const inCors = (
  at: string,
  resource: Extract<DeclaredResource, { type: 'bucket' }>,
  resources: readonly DeclaredResource[],
): Start | undefined => {
  const apart = resources.find((each) => each.type === 'bucket-cors' && each.bucket === resource.name);
  const of = apart?.type === 'bucket-cors' ? apart : resource;
  const pointer = /^CORSRules\b/.test(at)
    ? `/${at.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`
    : '';
  return { value: of.cors, pointer, resource: of };
};

/** The policy that evidence names, and the pointer into its document. */
const splitAtStatement = (at: string): [string, string] => {
  const found = /\/Statement(?=\/|$)/.exec(at);
  return found ? [at.slice(0, found.index), at.slice(found.index)] : [at, ''];
};

/** The origin of a value: that of the innermost object on the way to it, and the rest of the way. */
const walked = ({ value, pointer, resource }: Start, origins: Origins): Origin | undefined => {
  let origin: Origin | undefined = known(value, origins);
  let at: Json | undefined = value;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    at = Array.isArray(at) ? at[Number(key)] : isObject(at) ? member(at, key) : undefined;
    const own = at === undefined ? undefined : known(at, origins);
    if (own) origin = own;
    else if (origin) origin = { file: origin.file, pointer: `${origin.pointer}/${token}` };
  }
  return origin ?? resource.origin;
};

const known = (value: Json, origins: Origins): Origin | undefined =>
  typeof value === 'object' && value !== null ? origins.get(value) : undefined;
