import { decode, ExtensionCodec } from '@msgpack/msgpack';
import { unzipSync } from 'fflate';
import { PbfReader } from 'pbf';
import { asList, asText, isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import type { DeclaredProblem, SourceFile } from '../declared.ts';
import { ERRORED, INCOMPLETE_PLAN, type PlanRead } from './json-plan.ts';
import { type Plan, type PlannedResource, parseAddress } from './plan.ts';
import type { Folder } from './source-files.ts';

/** How large the parts of a plan file may be once they are unpacked, in bytes, and how many there may be. */
const MAX_PART = 100_000_000;
const MAX_UNPACKED = 300_000_000;
const MAX_PARTS = 20_000;

/** Whether a file begins as a zip file does. */
export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/**
 * Reads the file that `terraform plan -out` or `tofu plan -out` writes: a zip of the plan, the state that it is about, and the sources
 * that it was made from. The format is told by Terraform’s and OpenTofu’s planfile.proto, whose version 3 all releases since 0.14 write.
 */
export const readBinaryPlan = (
  path: string,
  bytes: Uint8Array,
): PlanRead<{ plan: Plan; sources: Folder; manifest: Json }> => {
  const fail = (why: string) => ({
    ok: false as const,
    message: `${path}: ${why}; give the output of \`terraform show -json\` of it instead`,
  });
  let parts: ReadonlyMap<string, Uint8Array>;
  try {
    parts = unpacked(bytes);
  } catch (error) {
    return fail(
      `this plan cannot be unpacked (${error instanceof Error ? error.message : 'no reason told'})`,
    );
  }
  const tfplan = parts.get('tfplan');
  if (!tfplan) return fail('this zip file holds no plan');
  const source: SourceFile = {
    path,
    places: (pointers) => new Map([...pointers].map((pointer) => [pointer, { line: 1, column: 1 }])),
  };
  try {
    const decoded = planMessage(tfplan);
    if (decoded.version !== VERSION)
      return fail(`this plan is of version ${decoded.version}, and only ${VERSION} is understood`);
    return {
      ok: true,
      value: {
        plan: planOf(decoded, jsonPart(parts, 'tfstate'), source),
        sources: sourcesIn(parts, path.slice(0, Math.max(0, path.lastIndexOf('/')))),
        manifest: jsonPart(parts, 'tfconfig/modules.json'),
      },
    };
  } catch (error) {
    return fail(`this plan cannot be decoded (${error instanceof Error ? error.message : 'no reason told'})`);
  }
};

const VERSION = 3;

const unpacked = (bytes: Uint8Array): ReadonlyMap<string, Uint8Array> => {
  let total = 0;
  let count = 0;
  const isWanted = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
    if (!/^(?:tfplan|tfstate|tfconfig\/.+)$/.test(name)) return false;
    total += originalSize;
    count++;
    if (originalSize > MAX_PART || total > MAX_UNPACKED || count > MAX_PARTS)
      throw new Error('it is larger than plans are');
    return true;
  };
  return new Map(Object.entries(unzipSync(bytes, { filter: isWanted })));
};

const textIn = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

const jsonPart = (parts: ReadonlyMap<string, Uint8Array>, name: string): Json => {
  const part = parts.get(name);
  const parsed = part && parseJson(textIn(part));
  return parsed?.ok ? parsed.value : null;
};

/** The sources in the plan, in folders that are named after the modules’ keys: `tfconfig/m-roles.sub/main.tf`. */
const sourcesIn = (parts: ReadonlyMap<string, Uint8Array>, path: string): Folder => {
  const prefix = 'tfconfig/';
  const names = [...parts.keys()].filter((name) => name.startsWith(prefix));
  return {
    path,
    list: (folder) => {
      const start = `${prefix}${folder}/`;
      return names
        .filter((name) => name.startsWith(start) && !name.slice(start.length).includes('/'))
        .map((name) => name.slice(start.length));
    },
    text: (file) => {
      const part = parts.get(`${prefix}${file}`);
      return part && textIn(part);
    },
  };
};

/** In place of a value that is not known yet. */
const UNKNOWN = Object.freeze({});

const codec = new ExtensionCodec();
// 0: not known; 12: not known, with what is known about it. https://github.com/zclconf/go-cty/blob/main/cty/msgpack/unknown.go
for (const type of [0, 12]) codec.register({ type, encode: () => null, decode: () => UNKNOWN });

/** So that a hostile length reserves no memory. */
const MAX_ELEMENTS = 200_000;

const decodedValue = (bytes: Uint8Array): unknown =>
  decode(bytes, { extensionCodec: codec, maxArrayLength: MAX_ELEMENTS, maxMapLength: MAX_ELEMENTS });

const MAX_DEPTH = 200;

/** A decoded value as JSON, and true in place of what is not known. */
const split = (value: unknown, depth = 0): { known: Json; unknown: Json } => {
  if (depth > MAX_DEPTH) throw new Error('a value is nested too deeply');
  if (value === UNKNOWN) return { known: null, unknown: true };
  // A value of no fixed type has its type before it.
  if (Array.isArray(value) && value.length === 2 && value[0] instanceof Uint8Array)
    return split(value[1], depth + 1);
  if (Array.isArray(value)) {
    const parts = value.map((each) => split(each, depth + 1));
    return { known: parts.map(({ known }) => known), unknown: parts.map(({ unknown }) => unknown) };
  }
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    const parts = Object.entries(value).map(([name, each]) => [name, split(each, depth + 1)] as const);
    return {
      known: Object.fromEntries(parts.map(([name, { known }]) => [name, known])),
      unknown: Object.fromEntries(parts.map(([name, { unknown }]) => [name, unknown])),
    };
  }
  const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return {
    known: isPlain ? (value as Json) : typeof value === 'bigint' ? Number(value) : null,
    unknown: false,
  };
};

type Change = { action: number; values: Uint8Array[]; sensitive: string[] };
type ResourceChange = { address: string; deposed: string; provider: string; change: Change };
type PlanMessage = {
  version: number;
  errored: boolean;
  /** Whether it says that something is left for a later plan: what is false is not written. */
  isPartial: boolean;
  /** Whether it says that it can be applied, which releases do that also say whether they are complete. */
  isApplyable: boolean;
  isComplete: boolean;
  variables: Map<string, Uint8Array>;
  changes: ResourceChange[];
  workspace: string;
};

type ReadField<T> = (tag: number, made: T, pbf: PbfReader) => void;

const nested = <T>(pbf: PbfReader, made: T, field: ReadField<T>): T => pbf.readMessage(field, made);

const NOTHING: Uint8Array = new Uint8Array();

const planMessage = (bytes: Uint8Array): PlanMessage =>
  new PbfReader(bytes).readFields<PlanMessage>(
    (tag, plan, pbf) => {
      if (tag === 1) plan.version = pbf.readVarint();
      else if (tag === 2) {
        const entry = nested(pbf, { name: '', value: NOTHING }, (field, made, inner) => {
          if (field === 1) made.name = inner.readString();
          else if (field === 2) made.value = dynamicValue(inner);
        });
        plan.variables.set(entry.name, entry.value);
      } else if (tag === 3) plan.changes.push(resourceChange(pbf));
      else if (tag === 13)
        plan.workspace = nested(pbf, { name: '' }, (field, made, inner) => {
          if (field === 3) made.name = inner.readString();
        }).name;
      else if (tag === 20) plan.errored = pbf.readBoolean();
      // Targets, and what is deferred.
      else if (tag === 5 || tag === 27) plan.isPartial = true;
      else if (tag === 25) plan.isApplyable = pbf.readBoolean();
      else if (tag === 26) plan.isComplete = pbf.readBoolean();
    },
    {
      version: 0,
      errored: false,
      isPartial: false,
      isApplyable: false,
      isComplete: false,
      variables: new Map(),
      changes: [],
      workspace: '',
    },
  );

const dynamicValue = (pbf: PbfReader): Uint8Array =>
  nested(pbf, { value: NOTHING }, (field, made, inner) => {
    if (field === 1) made.value = inner.readBytes();
  }).value;

const resourceChange = (pbf: PbfReader): ResourceChange =>
  nested<ResourceChange>(
    pbf,
    { address: '', deposed: '', provider: '', change: { action: 0, values: [], sensitive: [] } },
    (field, made, inner) => {
      if (field === 13) made.address = inner.readString();
      else if (field === 7) made.deposed = inner.readString();
      else if (field === 8) made.provider = inner.readString();
      else if (field === 9) made.change = changeOf(inner);
    },
  );

const changeOf = (pbf: PbfReader): Change =>
  nested<Change>(pbf, { action: 0, values: [], sensitive: [] }, (field, made, inner) => {
    if (field === 1) made.action = inner.readVarint();
    else if (field === 2) made.values.push(dynamicValue(inner));
    else if (field === 4) made.sensitive.push(firstStep(inner));
  });

/** The attribute with which a path begins. */
const firstStep = (pbf: PbfReader): string => {
  const steps = nested<string[]>(pbf, [], (field, made, inner) => {
    if (field === 1)
      made.push(
        nested(inner, { name: '' }, (tag, step, last) => {
          if (tag === 1) step.name = last.readString();
        }).name,
      );
  });
  return steps[0] ?? '';
};

/** Actions of planfile.proto. After the action 8, FORGET, a resource stays as it is, and Terraform does not care for it any more. */
const CREATE = 1;
const READ = 2;
const DELETE = 5;
const CREATE_THEN_FORGET = 9;
/** The actions that make the resource anew. After all others it is the one that was there. */
const CREATING: readonly number[] = [CREATE, 6, 7, CREATE_THEN_FORGET];
/** The actions of which the plan does not tell what was there before, or after which that stays as well. */
const WITHOUT_BEFORE: readonly number[] = [CREATE, READ, CREATE_THEN_FORGET];

const objectOf = (value: Json): JsonObject => (isObject(value) ? value : {});

const planOf = (message: PlanMessage, state: Json, source: SourceFile): Plan => {
  const found = new Map<string, PlannedResource>();
  const before: PlannedResource[] = [];
  const problems: DeclaredProblem[] = [];
  if (message.errored) problems.push({ file: source, pointer: '', message: ERRORED });
  else if (message.isPartial || (message.isApplyable && !message.isComplete))
    problems.push({ file: source, pointer: '', message: INCOMPLETE_PLAN });
  const origin = { file: source, pointer: '' };
  const gone = new Set<string>();
  for (const { address, deposed, provider, change } of message.changes) {
    const parts = parseAddress(address);
    if (!parts) {
      problems.push({ ...origin, message: 'the address of a resource of this plan is not understood' });
      continue;
    }
    const { action, values, sensitive } = change;
    const resource = (value: Uint8Array | undefined, isOld: boolean): PlannedResource => {
      const { known, unknown } = value ? split(decodedValue(value)) : { known: null, unknown: true };
      return {
        ...parts,
        address,
        ...providerKey(provider),
        values: objectOf(known),
        unknown,
        sensitive: Object.fromEntries(sensitive.map((name) => [name, true])),
        isOld,
        origin,
      };
    };
    const [first] = values;
    if (parts.mode === 'managed' && first && !WITHOUT_BEFORE.includes(action))
      before.push(resource(first, true));
    if (deposed !== '') continue;
    if (action === DELETE) gone.add(address);
    else found.set(address, resource(values.at(-1), !CREATING.includes(action)));
  }
  for (const resource of stateResources(state, origin))
    if (!found.has(resource.address) && !gone.has(resource.address)) {
      found.set(resource.address, resource);
      if (resource.mode === 'managed') before.push(resource);
    }
  return {
    source,
    resources: [...found.values()],
    before,
    variables: new Map([...message.variables].flatMap(([name, bytes]) => variable(name, bytes))),
    hiddenVariables: new Set(),
    providers: new Map(),
    ...(message.workspace !== '' && { workspace: message.workspace }),
    problems,
  };
};

const variable = (name: string, bytes: Uint8Array): [string, Json][] => {
  const typed = bytes.length > 0 ? decodedValue(bytes) : undefined;
  return typed === undefined ? [] : [[name, split(typed).known]];
};

const PROVIDER = /^(?:(module\..+)\.)?provider\["(?:[^"]*\/)?([^"/]+)"\](?:\.([\w-]+))?$/;

/** `module.x.provider["registry.terraform.io/hashicorp/aws"].west` as `module.x:aws.west`, as the JSON of a plan has it. */
const providerKey = (address: string): { provider?: string } => {
  const [, module, name, alias] = PROVIDER.exec(address) ?? [];
  if (name === undefined) return {};
  return { provider: `${module ? `${module}:` : ''}${name}${alias ? `.${alias}` : ''}` };
};

/** The resources of a state of version 4. */
const stateResources = (state: Json, origin: PlannedResource['origin']): PlannedResource[] =>
  asList(member(state, 'resources')).flatMap((resource) =>
    asList(member(resource, 'instances')).flatMap((instance): PlannedResource[] => {
      const [type, name] = [asText(member(resource, 'type')), asText(member(resource, 'name'))];
      const values = member(instance, 'attributes');
      const key = member(instance, 'index_key');
      if (type === undefined || name === undefined || !isObject(values)) return [];
      if (member(instance, 'deposed') !== undefined) return [];
      const mode = member(resource, 'mode') === 'data' ? 'data' : 'managed';
      const module = asText(member(resource, 'module')) ?? '';
      const own = `${mode === 'data' ? 'data.' : ''}${type}.${name}${keyIn(key)}`;
      const parts = parseAddress(module === '' ? own : `${module}.${own}`);
      if (!parts) return [];
      const address = parts.module === '' ? own : `${parts.module}.${own}`;
      return [
        {
          ...parts,
          address,
          ...providerKey(asText(member(resource, 'provider')) ?? ''),
          values,
          unknown: {},
          sensitive: {},
          isOld: true,
          origin,
        },
      ];
    }),
  );

const keyIn = (key: Json | undefined): string =>
  typeof key === 'number' || typeof key === 'string' ? `[${JSON.stringify(key)}]` : '';
