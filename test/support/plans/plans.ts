import { expect } from '@jest/globals';
import { ExtData, encode } from '@msgpack/msgpack';
import { strToU8, zipSync } from 'fflate';
import { PbfWriter } from 'pbf';
import type { Declared, Fill, Hole } from '../../../shared/declared/declared.ts';
import { parseAddress } from '../../../shared/declared/terraform/plan.ts';
import { readPlan } from '../../../shared/declared/terraform/read-plan.ts';
import type { Folder } from '../../../shared/declared/terraform/source-files.ts';
import { grammar } from './grammar.ts';

/** In place of a value that is known after the deployment. */
export const UNKNOWN = Symbol('unknown');
type Value = string | number | boolean | null | typeof UNKNOWN | Value[] | { [name: string]: Value };

/** A resource of a plan: what is there afterwards, or what was there before. */
export type Change = {
  address: string;
  after?: { [name: string]: Value };
  before?: { [name: string]: Value };
  action?: 'create' | 'update' | 'replace' | 'delete' | 'no-op' | 'read' | 'forget';
  sensitive?: string[];
  provider?: string;
};
export type PlanParts = {
  changes: readonly Change[];
  variables?: Readonly<Record<string, Value>>;
  /** Values of data that were read before. */
  read?: Readonly<Record<string, { [name: string]: Value }>>;
  errored?: boolean;
  complete?: boolean;
  version?: string;
};

const known = (value: Value): unknown => {
  if (value === UNKNOWN) return undefined;
  if (Array.isArray(value)) return value.map((each) => known(each) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => (each === UNKNOWN ? [] : [[name, known(each)]])),
  );
};

const marks = (value: Value): unknown => {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.map(marks);
  if (typeof value !== 'object' || value === null) return false;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, marks(each)]));
};

const parts = (address: string) => {
  const found = parseAddress(address);
  if (!found) throw new Error(`no address: ${address}`);
  return found;
};

/** What `terraform show -json` prints of a plan. https://developer.hashicorp.com/terraform/internals/json-format */
export const jsonPlan = ({ changes, variables = {}, read = {}, ...more }: PlanParts): string =>
  JSON.stringify({
    format_version: more.version ?? '1.2',
    terraform_version: '1.11.4',
    planned_values: { root_module: {} },
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { value }])),
    errored: more.errored ?? false,
    complete: more.complete ?? true,
    resource_changes: changes.map(({ address, after, before, action = 'create', sensitive = [] }) => {
      const { module, mode, type, name, key } = parts(address);
      return {
        address,
        ...(module && { module_address: module }),
        mode,
        type,
        name,
        ...(key !== undefined && { index: key }),
        change: {
          actions: action === 'replace' ? ['delete', 'create'] : [action],
          before: before ?? null,
          after: after ? known(after) : null,
          after_unknown: after ? marks(after) : false,
          after_sensitive: Object.fromEntries(sensitive.map((each) => [each, true])),
        },
      };
    }),
    prior_state: {
      values: {
        root_module: {
          resources: Object.entries(read).map(([address, values]) => ({
            address,
            values,
            ...parts(address),
          })),
        },
      },
    },
    configuration: {
      root_module: {
        resources: changes.flatMap(({ address, provider }) =>
          provider === undefined
            ? []
            : [{ address: address.replace(/\[.*$/, ''), provider_config_key: `aws${provider}` }],
        ),
      },
    },
  });

const ACTIONS = { 'no-op': 0, create: 1, read: 2, update: 3, delete: 5, replace: 6, forget: 8 };

/** As go-cty writes it: what is not known is an extension of type 0. */
const cty = (value: Value): Uint8Array => {
  const plain = (each: Value): unknown => {
    if (each === UNKNOWN) return new ExtData(0, new Uint8Array(1));
    if (Array.isArray(each)) return each.map(plain);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, plain(inner)]));
  };
  return encode(plain(value));
};

const dynamicValue = (bytes: Uint8Array, pbf: PbfWriter): void => pbf.writeBytesField(1, bytes);

/** The file that `terraform plan -out` writes, with its sources. `folders` are the modules by their keys. */
export const binaryPlan = (
  { changes, variables = {}, read = {}, ...more }: PlanParts,
  modules: Readonly<Record<string, { folder: string; files: Readonly<Record<string, string>> }>>,
): Uint8Array => {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, more.version ? Number(more.version) : 3);
  for (const [name, value] of Object.entries(variables))
    pbf.writeMessage(
      2,
      (_: null, entry: PbfWriter) => {
        entry.writeStringField(1, name);
        entry.writeMessage(2, dynamicValue, encode([strToU8('"dynamic"'), value]));
      },
      null,
    );
  for (const { address, after, before, action = 'create', sensitive = [], provider = '' } of changes)
    pbf.writeMessage(
      3,
      (_: null, change: PbfWriter) => {
        change.writeStringField(13, address);
        change.writeStringField(8, `provider["registry.terraform.io/hashicorp/aws"]${provider}`);
        change.writeMessage(
          9,
          (__: null, inner: PbfWriter) => {
            inner.writeVarintField(1, ACTIONS[action]);
            for (const value of [before, after])
              if (value !== undefined) inner.writeMessage(2, dynamicValue, cty(value));
            for (const name of sensitive)
              inner.writeMessage(
                4,
                (___: null, path: PbfWriter) =>
                  path.writeMessage(1, (____: null, step: PbfWriter) => step.writeStringField(1, name), null),
                null,
              );
          },
          null,
        );
      },
      null,
    );
  if (more.errored) pbf.writeBooleanField(20, true);
  pbf.writeBooleanField(25, true);
  // As protobuf has it, what is false is not written.
  if (more.complete ?? true) pbf.writeBooleanField(26, true);
  const state = {
    version: 4,
    resources: Object.entries(read).map(([address, attributes]) => {
      const { module, mode, type, name } = parts(address);
      return { ...(module && { module }), mode, type, name, instances: [{ attributes }] };
    }),
  };
  const manifest = Object.entries(modules).map(([Key, { folder }]) => ({ Key, Dir: folder }));
  const files = Object.entries(modules).flatMap(([key, { files: own }]) =>
    Object.entries(own).map(([name, text]) => [`tfconfig/m-${key}/${name}`, strToU8(text)] as const),
  );
  return zipSync({
    tfplan: pbf.finish(),
    tfstate: strToU8(JSON.stringify(state)),
    'tfconfig/modules.json': strToU8(JSON.stringify(manifest)),
    ...Object.fromEntries(files),
  });
};

/** A folder of files, by their paths. */
export const folderOf = (files: Readonly<Record<string, string>>, path = 'infra'): Folder => ({
  path,
  list: (folder) =>
    Object.keys(files).flatMap((file) => {
      const at = file.lastIndexOf('/');
      return file.slice(0, Math.max(0, at)) === folder ? [file.slice(at + 1)] : [];
    }),
  text: (file) => (Object.hasOwn(files, file) ? files[file] : undefined),
});

/** Fills holes with texts that tell which hole it is, and keeps the holes. */
const filler = (): { fill: Fill; holes: Map<string, Hole> } => {
  const holes = new Map<string, Hole>();
  return {
    holes,
    fill: (hole) => {
      holes.set(hole.name, hole);
      const token = `<${hole.name}>`;
      return hole.byDefault ?? (hole.like?.includes('*') ? hole.like.replaceAll('*', token) : token);
    },
  };
};

export type Declaration = Declared & { holes: ReadonlyMap<string, Hole> };

/** What a plan declares. `files`: the sources beside it, for one in JSON. */
export const declaredBy = async (
  plan: string | Uint8Array,
  files?: Readonly<Record<string, string>>,
): Promise<Declaration> => {
  const bytes = typeof plan === 'string' ? strToU8(plan) : plan;
  const folder = files && folderOf(files);
  const read = await readPlan({ path: 'infra/plan', bytes, grammar, ...(folder && { folder }) });
  if (!read.ok) throw new Error(read.message);
  const { fill, holes } = filler();
  return { ...read.value(fill), holes };
};

/**
 * What both forms of a plan declare, which must be the same. `modules`: the sources of modules by their keys, whose folders are named
 * after the keys.
 */
export const declaredInBoth = async (
  parts: PlanParts,
  modules: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<Declaration> => {
  const folder = (key: string): string => key.replaceAll('.', '/');
  const files = Object.entries(modules).flatMap(([key, own]) =>
    Object.entries(own).map(([name, text]) => [key === '' ? name : `${folder(key)}/${name}`, text] as const),
  );
  const fromJson = await declaredBy(jsonPlan(parts), Object.fromEntries(files));
  const packed = Object.entries(modules).map(([key, own]) => [
    key,
    { folder: folder(key) || '.', files: own },
  ]);
  const fromFile = await declaredBy(binaryPlan(parts, Object.fromEntries(packed)));
  const plain = ({ resources }: Declaration) => resources.map(({ origin: _, ...each }) => each);
  expect(plain(fromFile)).toEqual(plain(fromJson));
  expect([...fromFile.holes.keys()].toSorted()).toEqual([...fromJson.holes.keys()].toSorted());
  return fromJson;
};

/** A problem as a person sees it. */
export const shownProblems = ({ problems }: Declared): string[] =>
  problems.map(({ file, pointer, message }) => {
    const { line, column } = file.places([pointer]).get(pointer) ?? { line: 0, column: 0 };
    return `${file.path}:${line}:${column}: ${message}`;
  });
