import { COMMENT_MARK } from '../../config/comment-suppressions.ts';
import { groupBy } from '../../group-by.ts';
import type { Json } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import type { Declare, DeclaredProblem, DeclaredResource, Fill, Note } from '../declared.ts';
import { type Grammar, hclParser } from '../hcl/parse-hcl.ts';
import { Untold } from '../hcl/values.ts';
import { strayMistakes } from '../own-suppressions.ts';
import { apartFromState } from './apart-from-state.ts';
import { isZip, readBinaryPlan } from './binary-plan.ts';
import { type Declares, IAM } from './declared-iam.ts';
import { SAGEMAKER } from './declared-sagemaker.ts';
import { STORAGE } from './declared-storage.ts';
import { derived } from './generated-values.ts';
import { type PlanRead, readJsonPlan } from './json-plan.ts';
import { isMarked, modulePath, type Plan, type PlannedResource } from './plan.ts';
import { DEFAULT_PROVIDER } from './provider-scope.ts';
import { secretsOf } from './secrets.ts';
import { type Folder, placesInFolder, placesInPlan, readSources, type Sources } from './source-files.ts';
import { type Holes, type Model, nameKey, type Problems, type World, worldOf } from './world.ts';

/** A plan of Terraform or OpenTofu. */
export type PlanInput = {
  /** What places name it. */
  path: string;
  /** The file: the output of `show -json`, or the file that `plan -out` writes. */
  bytes: Uint8Array;
  /** The grammar of HCL, which is asked for where there are sources. */
  grammar: () => Promise<Grammar>;
  /** The folder of the plan: of its sources, for a plan in JSON, and of the files that they read. The other form carries its own sources. */
  folder?: Folder;
};

/**
 * Reads a plan with its sources. The values of the plan are what Terraform found; expressions of the sources are evaluated for those
 * alone that only the deployment tells.
 */
export const readPlan = async (input: PlanInput): Promise<PlanRead<Declare>> => {
  const read = await modelOf(input);
  return read.ok ? { ok: true, value: declareOf(read.value) } : read;
};

const modelOf = async (input: PlanInput): Promise<PlanRead<Model>> => {
  const { path, bytes, grammar, folder } = input;
  if (isZip(bytes)) {
    const read = readBinaryPlan(path, bytes);
    if (!read.ok) return read;
    const { plan, sources, manifest } = read.value;
    const parse = await hclParser(await grammar(), COMMENT_MARK);
    // The plan holds its sources alone; the files that these read lie where it was made.
    const text = (file: string): string | undefined => sources.text(file) ?? folder?.text(file);
    const own = readSources({ ...sources, text }, parse, placesInPlan(manifest));
    return { ok: true, value: { ...model(plan, own), hasOwnSources: true } };
  }
  const read = readJsonPlan(path, new TextDecoder().decode(bytes));
  if (!read.ok) return read;
  const hasSources = folder?.list('').some((name) => /\.(?:tf|tofu)$/.test(name));
  if (!folder || !hasSources) return { ok: true, value: model(read.value) };
  const installed = parseJson(folder.text('.terraform/modules/modules.json') ?? 'null');
  const parse = await hclParser(await grammar(), COMMENT_MARK);
  const places = placesInFolder(installed.ok ? installed.value : null);
  return { ok: true, value: model(read.value, readSources(folder, parse, places)) };
};

const model = (plan: Plan, sources?: Sources): Model => ({
  plan,
  origins: new WeakMap(),
  ofState: new WeakSet(),
  ...(sources && { sources }),
  byName: groupBy(plan.resources, nameKey),
  byType: groupBy(
    plan.resources.filter(({ mode }) => mode === 'managed'),
    ({ type }) => type,
  ),
  byProvider: groupBy(plan.resources, ({ provider = DEFAULT_PROVIDER }) => provider),
});

const DECLARES: Readonly<Record<string, Declares>> = { ...IAM, ...SAGEMAKER, ...STORAGE };

const knownDeclares = ({ type, mode }: PlannedResource): Declares | undefined =>
  mode === 'managed' && Object.hasOwn(DECLARES, type) ? DECLARES[type] : undefined;

const declaresOf = (resource: PlannedResource): Declares | undefined => {
  const { type, mode } = resource;
  const known = knownDeclares(resource);
  if (known || mode !== 'managed') return known;
  if (UNJUDGED.test(type)) return unjudged;
  return CHANGING.test(type) ? changing : undefined;
};

/** Types that may declare roles, policies or pipelines in a form that is not understood here. */
const UNJUDGED =
  /^(?:awscc_(?:iam|kms|s3|sagemaker)_|aws_cloudformation_stack|aws_cloudcontrolapi_resource$|aws_serverlessapplicationrepository_|aws_servicecatalog_provisioned_product$)/;

/** Types that change who may do what, or what is shared, from outside of IAM. What they leave as it is is no news. */
const CHANGING = /^aws_(?:ssoadmin|organizations|ram|iam_(?:openid_connect|saml)_provider)/;

const unjudged: Declares = (resource, world) => {
  world.report({
    ...world.originOf(resource),
    message: `what a resource of the type ${resource.type} declares is not judged before it is deployed`,
  });
  return [];
};

const changing: Declares = (resource, world) => {
  const before = world.model.plan.before.find(({ address }) => address === resource.address);
  const isSame =
    before !== undefined && !isMarked(resource.unknown) && isSameJson(before.values, resource.values);
  return isSame ? [] : unjudged(resource, world);
};

/** What goes of types that are not judged, once for each place: it may have denied something. */
const unjudgedRemovals = ({ plan }: Model): DeclaredProblem[] => {
  const now = new Set(plan.resources.map(({ address }) => address));
  const removed = plan.before.filter((resource) => {
    const declares = declaresOf(resource);
    return !now.has(resource.address) && (declares === unjudged || declares === changing);
  });
  const problems = removed.map(({ type, origin }) => ({
    ...origin,
    message: `what a resource of the type ${type} takes away as it goes is not judged before it is deployed`,
  }));
  return [...new Map(problems.map((each) => [`${each.pointer} ${each.message}`, each])).values()];
};

const isSameJson = (one: Json, other: Json): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What a resource declares where holes have these values. */
type Declaration = {
  resources: readonly DeclaredResource[];
  problems: Problems;
  holes: Holes;
};

const declareOf = (read: Model): Declare => {
  const now = declaring(read, declaresOf);
  // What of other types goes is told by its type.
  const before = declaring(earlierModel(read), knownDeclares);
  const secrets = secretsOf(read.plan, read.sources);
  const always = [
    ...missingSources(read, now.wanted),
    ...read.plan.problems,
    ...(read.sources?.problems ?? []),
    ...noteProblems(read),
    ...unjudgedRemovals(read),
  ];
  return (fill) => {
    const [declared, former] = [now.declare(fill), before.declare(fill)];
    const resources = declared.flatMap((each) => each.resources);
    const earlier = former.flatMap((each) => each.resources);
    return {
      ...apartFromState(resources, earlier, read),
      problems: [...always, ...problemsOf(declared), ...problemsBefore(former, declared)],
      secrets,
      origins: read.origins,
    };
  };
};

const problemsOf = (declared: readonly Declaration[]): DeclaredProblem[] => [
  ...new Map(declared.flatMap(({ problems }) => [...problems])).values(),
];

/** What cannot be told of what was there before is not known to be taken away either. */
const problemsBefore = (
  former: readonly Declaration[],
  declared: readonly Declaration[],
): DeclaredProblem[] => {
  const told = new Set(problemsOf(declared).map(({ message }) => message));
  return problemsOf(former)
    .filter(({ message }) => !told.has(message))
    .map((problem) => ({ ...problem, message: `before the plan: ${problem.message}` }));
};

/** What was there before. What the configuration says is not about it, but for where its providers work. */
const earlierModel = ({ plan, sources }: Model): Model =>
  model(
    { ...plan, resources: plan.before },
    sources && {
      ...sources,
      modules: new Map(
        [...sources.modules].map(([key, module]) => [key, { ...module, resources: new Map() }]),
      ),
    },
  );

/** What a resource declared before is declared again as long as the holes that it hangs on have the same values. */
const declaring = (
  read: Model,
  which: typeof declaresOf,
): { wanted: readonly PlannedResource[]; declare: (fill: Fill) => Declaration[] } => {
  const wanted = read.plan.resources.flatMap((resource) => {
    const declares = which(resource);
    return declares ? [{ resource, declares, last: undefined as Declaration | undefined }] : [];
  });
  return {
    wanted: wanted.map(({ resource }) => resource),
    declare: (fill) => {
      const world = worldOf(read, fill, derived);
      for (const each of wanted) {
        const isSame =
          each.last && [...each.last.holes.values()].every(({ hole, value }) => fill(hole) === value);
        if (!isSame) each.last = declaration(each.resource, each.declares, world);
      }
      return wanted.flatMap(({ last }) => last ?? []);
    },
  };
};

const declaration = (resource: PlannedResource, declares: Declares, world: World): Declaration => {
  const notes = notesOf(resource, world.model);
  const { result, holes, problems } = world.tracked(() => {
    try {
      return declares(resource, world).map((each) => ({ ...each, ...(notes.length > 0 && { notes }) }));
    } catch (error) {
      if (!(error instanceof Untold)) throw error;
      world.report({ ...world.originOf(resource), message: `${error.message}; this resource is not judged` });
      return [];
    }
  });
  return { resources: result, holes, problems };
};

/** Where only sources could tell what the plan leaves open, and there are none. */
const missingSources = ({ plan, sources }: Model, wanted: readonly PlannedResource[]): DeclaredProblem[] => {
  const open = sources ? undefined : wanted.find(({ unknown }) => isMarked(unknown));
  if (!open) return [];
  const message =
    'policies that name what is yet to be created are in no plan as JSON; put it beside its .tf files, or give the file of `terraform plan -out`, which holds them';
  return [{ file: plan.source, pointer: '', message }];
};

/** What comments say of a resource, where it is sure that they are of the plan’s own sources. */
const notesOf = (
  { module, type, name }: PlannedResource,
  { sources, hasOwnSources }: Model,
): readonly Note[] =>
  hasOwnSources
    ? (sources?.modules.get(modulePath(module).join('.'))?.notes.get(`${type}.${name}`) ?? [])
    : [];

/** Comments that belong to nothing which is judged; of a plan in JSON, that none of them counts. */
const noteProblems = ({ sources, hasOwnSources }: Model): DeclaredProblem[] => {
  const modules = [...(sources?.modules.values() ?? [])];
  if (hasOwnSources) {
    const stray = modules.flatMap(({ notes, strayNotes }) => [
      ...strayNotes,
      ...[...notes].flatMap(([key, own]) => (isJudged(key) ? [] : own)),
    ]);
    return strayMistakes(stray);
  }
  const [first, ...others] = strayMistakes(
    modules.flatMap(({ notes, strayNotes }) => [...strayNotes, ...[...notes.values()].flat()]),
  );
  if (!first) return [];
  const more = others.length > 0 ? `, nor does any of ${others.length} others` : '';
  return [
    {
      ...first,
      message: `this suppression does not count${more}: a plan as JSON does not tell whether these files are the ones that it was made from; give the file of \`plan -out\`, which holds its own`,
    },
  ];
};

const isJudged = (key: string): boolean => Object.hasOwn(DECLARES, key.slice(0, key.indexOf('.')));
