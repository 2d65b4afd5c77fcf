import type { Finding } from '../domain/finding.ts';
import { inlineName } from '../iam/decide/authorization-details.ts';
import { asList, asText, isObject, type Json, member } from '../json/json.ts';
import type { TextPosition } from '../json/json-text.ts';
import { arnOf } from './addresses.ts';
import type { Declared, DeclaredResource, Origin, Origins } from './declared.ts';

/** The file that declares what a finding is about, and where its evidence stands there. `at` is the evidence’s own name for it. */
export type DeclaredPlace = { path: string; regions: readonly (TextPosition & { at?: string })[] };

/** A value of a declared resource: the JSON value that `pointer` leads on from, and the resource’s own place for where it ends. */
type Start = { value: Json; pointer: string; resource: DeclaredResource };

/** Where findings stand in the sources; `all`: what is declared in each way to fill the holes. */
export const declaredPlaces = (
  all: readonly { declared: Declared; findings: readonly Finding[] }[],
): ((finding: Finding) => DeclaredPlace | undefined) => {
  const declaredBy = new Map(
    all.flatMap(({ declared, findings }) => findings.map((finding) => [finding.id, declared])),
  );
  return (finding) => {
    const { arn } = finding.resource;
    const own = declaredBy.get(finding.id);
    const candidates = own
      ? [own, ...all.map(({ declared }) => declared)]
      : all.map(({ declared }) => declared);
    for (const declared of candidates) {
      const resource = declared.resources.find((each) => arnOf(each)?.toLowerCase() === arn.toLowerCase());
      if (resource) return placeIn(finding, resource, declared);
    }
    return undefined;
  };
};

const placeIn = (finding: Finding, resource: DeclaredResource, declared: Declared): DeclaredPlace => {
  const origins = finding.evidence.flatMap(({ at }) => {
    const origin = originOf(at, resource, declared);
    return origin ? [{ at, origin }] : [];
  });
  const [first] = origins;
  const { file } = first?.origin ?? resource.origin;
  const here = origins.filter(({ origin }) => origin.file === file);
  const places = file.places([resource.origin.pointer, ...here.map(({ origin }) => origin.pointer)]);
  const regions = here.flatMap(({ at, origin }) => {
    const position = places.get(origin.pointer);
    return position ? [{ line: position.line, column: position.column, at }] : [];
  });
  const own = places.get(resource.origin.pointer);
  return {
    path: file.path,
    regions: regions.length > 0 || !own ? regions : [{ line: own.line, column: own.column }],
  };
};

/** Where a piece of evidence was written. */
const originOf = (
  at: string,
  resource: DeclaredResource,
  { resources, origins }: Declared,
): Origin | undefined => {
  const start = startOf(at, resource, resources);
  return start && walked(start, origins);
};

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
