import { isDeepStrictEqual } from 'node:util';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { longSuppressions } from '../shared/audit/long-suppressions.ts';
import { type JudgeContext, unreadSourceObservation } from '../shared/audit/observe.ts';
import type { InlineSuppression } from '../shared/config/inline-suppressions.ts';
import { DEFAULT_CONFIG, type FileConfig } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { addressesOf, arnOf } from '../shared/declared/addresses.ts';
import type { Declare, Declared, DeclaredResource, Origin } from '../shared/declared/declared.ts';
import { holdersIn } from '../shared/declared/declared-identities.ts';
import { declaredReader, nothingBeside } from '../shared/declared/declared-reader.ts';
import { ACCOUNT, filling, REGION } from '../shared/declared/fill.ts';
import { textsIn } from '../shared/declared/in-play.ts';
import { type JudgeDeclared, type JudgedDeclarations, judgeDeclared } from '../shared/declared/judge.ts';
import { ownSuppressions, suppressionMistakes } from '../shared/declared/own-suppressions.ts';
import { changesOfUndeclared } from '../shared/declared/undeclared-holders.ts';
import { parseDefinition } from '../shared/definition/parse.ts';
import { stepAt } from '../shared/definition/step-at.ts';
import { parseArn } from '../shared/domain/arn.ts';
import { accountOfFinding, type Finding } from '../shared/domain/finding.ts';
import type { Judgement, Judgements } from '../shared/domain/judgement.ts';
import { typeOfArn } from '../shared/domain/resource.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { isFaulty } from '../shared/domain/status.ts';
import { recordedBuilder } from '../shared/events/recorded-uses.ts';
import { type RunLooks, runLooksBuilder } from '../shared/findings/run-looks.ts';
import type { RunResource, RunResources } from '../shared/findings/run-resources.ts';
import { applySuppressions } from '../shared/findings/suppression.ts';
import { unreadBecause } from '../shared/findings/what-became.ts';
import { groupBy } from '../shared/group-by.ts';
import type { Identity } from '../shared/iam/decide/authorization-details.ts';
import { member } from '../shared/json/json.ts';
import type { Control } from '../shared/judging/control.ts';
import { once, remembered } from '../shared/memo.ts';
import { isReadable } from '../shared/outputs/formats/overview.ts';
import type { ResultsScope } from '../shared/outputs/formats/results.ts';
import type { LookCounts } from '../shared/outputs/formats/run-coverage.ts';
import { eventPlace, type PlaceOf } from '../shared/outputs/places/evidence-places.ts';
import type { AccountReaders, Reader } from '../shared/reader/reader.ts';
import { listed } from '../shared/text/listed.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { auditAccounts } from './audit-accounts.ts';
import {
  type AuditInput,
  type AuditInputOptions,
  checkAuditInput,
  isLive,
  openAuditInput,
} from './audit-input.ts';
import type { AppliedConfig } from './config.ts';
import { UsageError } from './errors.ts';
import { type Progress, SILENT } from './progress.ts';
import type { JudgedRun } from './run-results.ts';

/** The options that name what is not deployed yet. */
export type DeclaredOptions = {
  template?: string[];
  plan?: string;
  /** Values of holes, by their names. */
  parameter?: ReadonlyMap<string, string>;
};

/** Adds the options that name templates and plans. */
export const withDeclared = (command: Command): Command =>
  command
    .option(
      '--template <files...>',
      'CloudFormation or SAM templates, or the folder of a CDK cloud assembly (cdk.out), before they are deployed; with --snapshot or --live, in the account as it is',
    )
    .option(
      '--plan <file>',
      'a Terraform or OpenTofu plan, before it is applied: the file of plan -out, or the output of show -json',
    )
    .addOption(
      new Option(
        '--parameter <name=value>',
        'a value that only the deployment gives, such as BucketName=data or AWS::AccountId=111122223333; may be repeated',
      ).argParser(withParameter),
    );

const withParameter = (
  text: string,
  before: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, string> => {
  const [name, value] = nameAndValue(text);
  if (name === '') throw new InvalidArgumentError('Expected NAME=VALUE.');
  if (name === ACCOUNT && !/^\d{12}$/.test(value))
    throw new InvalidArgumentError('An account has 12 digits, such as 111122223333.');
  if (name === REGION && !/^[a-z]{2,4}(?:-[a-z]+)+-\d$/.test(value))
    throw new InvalidArgumentError('Expected a Region, such as eu-west-1.');
  return new Map([...(before ?? []), [name, value]]);
};

/** The two sides of the first `=`; without one, the name is empty. */
export const nameAndValue = (text: string): [name: string, value: string] => {
  const at = text.indexOf('=');
  return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
};

export const isOfDeclared = ({ template, plan }: DeclaredOptions): boolean =>
  template !== undefined || plan !== undefined;

/**
 * Checks that the options go together.
 * @throws {UsageError}
 */
export const checkDeclared = (options: DeclaredOptions & AuditInputOptions): void => {
  if (!isOfDeclared(options)) {
    if (options.parameter)
      throw new UsageError('--parameter goes with --template or --plan: an account has its values already');
    return;
  }
  if (options.template && options.plan !== undefined)
    throw new UsageError('--template and --plan are of different tools: audit one after the other');
  if (options.events)
    throw new UsageError('--events goes with a deployed account: what is declared has no events yet');
  if (isBesideAccount(options) || options.profile !== undefined || options.region !== undefined)
    checkAuditInput(options);
};

const isBesideAccount = (options: AuditInputOptions): boolean =>
  options.snapshot !== undefined || isLive(options);

/** An audit of what is declared, and where its findings stand. */
export type DeclaredRun = {
  judged: JudgedRun;
  scopes: readonly [Scope, ...Scope[]];
  placeOf: PlaceOf;
  /** The step of a pipeline or the policy of a principal that a piece of evidence is in. */
  partOf: (finding: Finding, at: string) => string;
  own: readonly PlacedSuppression[];
};

/** A suppression in a source: of which resource, and where it is written. */
type PlacedSuppression = { address: string; at: string; suppression: InlineSuppression };

/**
 * Audits what templates and plans declare as if it were deployed: alone, or in the account that `--snapshot` or `--live` names.
 * @throws {UsageError} if a file cannot be read, or the options do not fit each other.
 */
export const auditDeclared = async (
  options: DeclaredOptions & AuditInputOptions,
  declare: Declare,
  applied: AppliedConfig,
  {
    controls,
    all = false,
    base: opened,
    had,
  }: {
    controls: readonly Control[];
    all?: boolean;
    /** The account beside the declarations, where it is open already. */
    base?: AuditInput | undefined;
    /** An earlier state: only suppressions that its sources had as well count. */
    had?: Pick<DeclaredRun, 'own'> | undefined;
  },
  progress: Progress,
): Promise<DeclaredRun> => {
  const startedAt = new Date();
  const base = opened ?? (await baseOf(options, applied.config, progress));
  const given = new Map([...givenBy(base), ...(options.parameter ?? [])]);
  /** What the account has already; it is judged only where that may matter. */
  const known = once(async (): Promise<ReadonlySet<string>> => {
    const { findings } = base ? await auditAccounts(base, applied, SILENT, { controls }) : { findings: [] };
    return new Set(findings.map(({ id, status }) => `${status} ${id}`));
  });
  let judgedBy: ResultsScope | undefined;
  const judge: JudgeDeclared = async (declared, others) => {
    const addresses = addressesOf(declared.resources);
    const held = base ? new Set() : holdersIn(declared.resources);
    const unknown = new Set(others.map(({ principal }) => principal.arn));
    const input = inputOf(declared, base, others);
    if (input.accounts.length === 0) return []; // nothing that any control is about
    const { findings, scope } = await auditAccounts(input, applied, SILENT, { all: true, controls });
    judgedBy ??= scope;
    const [own, beside] = [true, false].map((isOwn) =>
      findings.filter(
        ({ resource }) =>
          (resource.type === 'configuration' ||
            addresses.has(resource.arn.toLowerCase()) ||
            held.has(resource.arn.toLowerCase())) === isOwn,
      ),
    ) as [Finding[], Finding[]];
    const untold = beside.filter(
      (finding) =>
        finding.status === 'NOT_AVAILABLE' &&
        isNeeded(finding.resource) &&
        !unknown.has(finding.resource.arn) &&
        !isOfBase(accountOfFinding(finding), base),
    );
    const faults = base ? beside.filter(({ status }) => isFaulty(status)) : [];
    const before = faults.length > 0 ? await known() : new Set();
    return [...own, ...untold, ...faults.filter(({ id, status }) => !before.has(`${status} ${id}`))];
  };
  const judgements = await judgeDeclared({
    declare,
    given,
    inPlay: textsIn(applied.config),
    judge,
    isAlone: base === undefined || isBeyond(declare, given, base) || !(await areRolesKnown(base)),
    alreadyThere: async (resources) => (base === undefined ? [] : alreadyIn(base, resources)),
  });
  const places = new Map(judgements.findings.map(({ finding, place }) => [finding.id, place]));
  const scopes = scopesIn(judgements, base);
  const now = new Date();
  const own = suppressionsIn(judgements);
  const told = judgements.findings.map(({ finding, on }) =>
    withSuppression(finding, on, applied.config, now, had),
  );
  const about = new Map(judgements.findings.map(({ finding, on }) => [finding.id, on]));
  for (const remark of [
    ...remarksOf(judgements, base !== undefined),
    ...unasked(options.parameter, judgements),
  ])
    progress.say(remark);
  const caller = base?.caller;
  return {
    judged: {
      findings: [
        ...told.filter(({ status }) => all || !isPassed(status)),
        ...problemFindings(judgements, contextIn(scopes[0], CONTROLS), base === undefined),
        ...longSuppressions(own, contextIn(scopes[0], controls)),
      ],
      passed: all ? 0 : told.filter(({ status }) => status === 'PASSED').length,
      scope: {
        ...configuredIn(judgedBy),
        mode: 'declared',
        looks: looksOf(told, controls),
      },
      resources: declaredResources(judgements),
      looks: all ? [] : countsOf(told),
      by: { command: 'audit', startedAt, ...(caller !== undefined && { caller }) },
    },
    scopes,
    own,
    partOf: ({ id }, at) => {
      const on = about.get(id);
      return on?.type === 'pipeline' ? (stepsIn(on)(at) ?? '') : at.replace(/\/Statement\/.*/, '');
    },
    placeOf: (finding) => eventPlace(finding) ?? places.get(finding.id) ?? wholeSource(finding, judgements),
  };
};

/** Whether the account beside the declarations is that one, or all that is known is that it may be. */
const isOfBase = (account: string | undefined, base: AuditInput | undefined): boolean =>
  base !== undefined &&
  (account === undefined || base.accounts.some(({ readers }) => readers[0].scope.account === account));

/** Whether something is declared in an account that is not beside the declarations. */
const isBeyond = (declare: Declare, given: ReadonlyMap<string, string>, base: AuditInput): boolean =>
  declare(filling({ given, forms: new Map() }, new Map()).fill).resources.some(
    ({ scope }) => !isOfBase(scope.account, base),
  );

/**
 * The declared resources that accounts have already, where these have some of the users and roles that are declared in them. A bucket that
 * no list of the account holds is not there: of its parts nothing is read.
 */
const alreadyIn = async (
  { accounts }: AuditInput,
  resources: readonly DeclaredResource[],
): Promise<readonly DeclaredResource[]> => {
  const keyOf = (account: string, kind: string, name: string) => `${account} ${kind} ${name.toLowerCase()}`;
  const homes = accounts.map(({ readers: [home] }) => home);
  const reads = await Promise.all(homes.map((home) => home.readIdentities()));
  const principals = new Set(
    reads
      .flatMap((read) => (read.ok ? read.value.identities : []))
      .map(({ principal: { account, kind }, name }) => keyOf(account ?? '', kind, name)),
  );
  const isPrincipal = ({ type, scope, ...each }: DeclaredResource): boolean =>
    'name' in each && principals.has(keyOf(scope.account, type, each.name));
  if (!resources.some(isPrincipal)) return [];
  const buckets = new Set<string>();
  for (const home of homes) {
    const listed = await home.listBuckets();
    for (const name of listed.ok ? listed.value : []) buckets.add(keyOf(home.scope.account, 'bucket', name));
  }
  return resources.filter(
    (each) => each.type !== 'bucket' || buckets.has(keyOf(each.scope.account, 'bucket', each.name)),
  );
};

/** Whether the accounts beside the declarations tell their roles. */
const areRolesKnown = async ({ accounts }: AuditInput): Promise<boolean> =>
  (await Promise.all(accounts.map(({ readers: [home] }) => home.readIdentities()))).every(({ ok }) => ok);

/** What declared pipelines use and nothing declares. Of the account itself nothing is known, which is told once for all. */
const isNeeded = ({ type }: Finding['resource']): boolean => type !== 'account' && type !== 'organization';

/**
 * What suppresses findings on a declared resource besides the ARNs in the configuration, which the audit knows: its files and
 * `FILE#ADDRESS`, and the source itself.
 */
const withSuppression = (
  finding: Finding,
  on: DeclaredResource | undefined,
  { suppressions }: FileConfig,
  now: Date,
  had: Pick<DeclaredRun, 'own'> | undefined,
): Finding =>
  on === undefined || finding.suppression
    ? finding
    : applySuppressions(
        finding,
        suppressions?.filter(({ resource }) => !parseArn(resource)),
        now,
        {
          paths: [on.origin.file.path, `${on.origin.file.path}#${on.address}`],
          own: ownSuppressions(on, CONTROLS)
            .map(({ suppression }) => suppression)
            .filter((suppression) => !had || isOwn({ address: on.address, suppression }, had.own)),
          stepAt: stepsIn(on),
        },
      );

/** The steps of a declared pipeline, by pointers into its definition. */
const stepsIn = remembered((on: DeclaredResource): ((pointer: string) => string | undefined) => {
  const definition = on.type === 'pipeline' ? member(on.entry, 'PipelineDefinition') : undefined;
  const parsed = parseDefinition(
    typeof definition === 'string' ? definition : JSON.stringify(definition ?? {}),
  );
  return parsed.ok ? stepAt(parsed.definition) : () => undefined;
});

/** The declared resources that have an ARN, all of which are judged. */
const declaredResources = ({ first, shown }: JudgedDeclarations): RunResources => {
  const all = first.resources.flatMap((resource): RunResource[] => {
    const arn = arnOf(resource);
    const type = arn === undefined ? undefined : typeOfArn(arn);
    return arn !== undefined && type ? [{ type, arn: shown(arn) }] : [];
  });
  return { asked: all, looked: all };
};

/** What was looked at, by the verdicts, among which are those that passed. */
const looksOf = (told: readonly Finding[], controls: readonly Control[]): RunLooks => {
  const builder = runLooksBuilder(controls.map(({ id }) => id));
  for (const [resourceArn, of] of groupBy(told, ({ resource }) => resource.arn))
    builder.add({ resourceArn, gone: false, judged: judgementsIn(of) });
  return builder.looks();
};

/** The verdicts that need no action, which are not listed. */
const countsOf = (told: readonly Finding[]): LookCounts[] =>
  [...groupBy(told, ({ resource }) => resource.arn)].map(([arn, of]) => {
    const counted = new Map<string, { passed: number; notApplicable: number }>();
    for (const { control, status } of of.filter((each) => isPassed(each.status) && !isReadable(each))) {
      const own = counted.get(control) ?? { passed: 0, notApplicable: 0 };
      counted.set(control, own);
      own[status === 'PASSED' ? 'passed' : 'notApplicable']++;
    }
    return { resource: { arn }, counted: Object.fromEntries(counted), notJudged: new Map() };
  });

const judgementsIn = (told: readonly Finding[]): Judgements =>
  Object.fromEntries(
    [...groupBy(told, ({ control }) => control)].map(([control, of]): [string, Judgement] => {
      const passed = of.flatMap(({ status, subject = null }) => (status === 'PASSED' ? [subject] : []));
      const [unread] = of.filter(({ status }) => status === 'NOT_AVAILABLE');
      if (unread) return [control, { is: 'unread', passed, because: unreadBecause(unread.evidence) }];
      if (of.some(({ status }) => isFaulty(status))) return [control, { is: 'mixed', passed }];
      return [control, passed.length > 0 ? { is: 'passed' } : { is: 'nothing', because: NOTHING_LEFT }];
    }),
  );

const NOTHING_LEFT = 'there is nothing left that the control judges';

/** What results say of the configuration. */
const configuredIn = ({ controlsOff, configuration, notConfigured }: ResultsScope = {}): ResultsScope => ({
  ...(controlsOff && { controlsOff }),
  ...(configuration !== undefined && { configuration }),
  ...(notConfigured && { notConfigured }),
});

const isPassed = (status: Finding['status']): boolean => status === 'PASSED' || status === 'NOT_APPLICABLE';

/** The source, for what is declared in none: code scanning refuses a whole file in which one result has no place. */
const wholeSource = ({ resource }: Finding, { first }: JudgedDeclarations): ReturnType<PlaceOf> => {
  const [source] = first.resources.map(({ origin }) => origin.file.path);
  return resource.type === 'configuration' || source === undefined
    ? undefined
    : { path: source, regions: [] };
};

/** The account beside the declarations, where one is named. */
export const baseOf = async (
  options: AuditInputOptions,
  config: FileConfig,
  progress: Progress,
): Promise<AuditInput | undefined> => {
  if (!isBesideAccount(options)) return undefined;
  return openAuditInput(options, config.organization, progress);
};

/** The account and Region, where the account beside the declarations is one. */
const givenBy = (base: AuditInput | undefined): [string, string][] => {
  const scopes = (base?.accounts ?? []).flatMap(({ readers }) => readers.map(({ scope }) => scope));
  const only = (name: string, values: readonly string[]): [string, string][] => {
    const [value, ...others] = [...new Set(values)];
    return value !== undefined && others.length === 0 ? [[name, value]] : [];
  };
  return [
    ...only(
      ACCOUNT,
      scopes.map(({ account }) => account),
    ),
    ...only(
      REGION,
      scopes.map(({ region }) => region),
    ),
  ];
};

/** What is audited: each account with what is declared in it, and of the accounts beside it those alone in which something is. */
const inputOf = (
  { resources, earlier }: Declared,
  base: AuditInput | undefined,
  others: readonly Identity[],
): AuditInput => {
  const before = groupBy(earlier ?? [], ({ scope }) => scope.account);
  const now = groupBy(resources, ({ scope }) => scope.account);
  const names = new Set([...now.keys(), ...(base ? before.keys() : [])]);
  const accounts = [...names].flatMap((account) => {
    const [own, taken] = [now.get(account) ?? [], before.get(account)];
    const [first] = [...own, ...(taken ?? [])];
    if (!first) return [];
    const audited = base?.accounts.find(({ readers }) => readers[0].scope.account === account);
    const scopes = [...new Map(own.map(({ scope }) => [scope.region, scope])).values()];
    const there = audited?.readers ?? [];
    const missing = scopes
      .filter(({ region }) => there.every(({ scope }) => scope.region !== region))
      .map((scope) => beside(scope, there[0]));
    const strangers = others.filter(({ principal }) => principal.account === first.scope.account);
    const [home, ...more] = [...there, ...missing].map((reader) =>
      declaredReader(reader, own, strangers, earlier && (taken ?? [])),
    );
    return home ? [{ readers: [home, ...more] satisfies AccountReaders, dirs: [] }] : [];
  });
  return {
    accounts,
    unconnected: [],
    events: undefined,
    recorded: base?.recorded ?? recordedBuilder().recorded(),
    unreadable: [],
  };
};

/** A Region of which nothing is known; what the account has once for all Regions is as in another one. */
const beside = (scope: Scope, home: Reader | undefined): Reader => {
  const nothing = nothingBeside(scope);
  if (!home) return nothing;
  const { readIdentities, getRole, readOrganizationPolicies, readOwnOrganization } = home;
  const { getBucketCors, getBucketTags, getBucketPolicy, listBuckets } = home;
  return {
    ...nothing,
    readIdentities,
    getRole,
    readOrganizationPolicies,
    readOwnOrganization,
    getBucketCors,
    getBucketTags,
    getBucketPolicy,
    listBuckets,
  };
};

/** The accounts and Regions in which something is declared. */
const scopesIn = (
  { first, shown }: JudgedDeclarations,
  base: AuditInput | undefined,
): readonly [Scope, ...Scope[]] => {
  const scopes = first.resources.map(({ scope }) => ({
    ...scope,
    account: shown(scope.account),
    region: shown(scope.region),
  }));
  const [one, ...others] = [
    ...new Map(scopes.map((scope) => [`${scope.account} ${scope.region}`, scope])).values(),
  ];
  const unknown = base?.accounts[0]?.readers[0].scope ?? { account: '', region: '', partition: 'aws' };
  return one ? [one, ...others] : [unknown];
};

/** The context for findings that no control judges of a resource. */
export const contextIn = (scope: Scope, controls: readonly Control[]): JudgeContext => ({
  reader: { scope },
  config: DEFAULT_CONFIG,
  controls,
  now: () => new Date(),
});

/** `file:line:column`. */
const placeText = ({ file, pointer }: Origin): string => {
  const place = file.places([pointer]).get(pointer);
  return `${file.path}${place ? `:${place.line}:${place.column}` : ''}`;
};

/** The suppressions that sources hold, each place once: one in a module is of each of its instances. */
const suppressionsIn = ({ first }: JudgedDeclarations): PlacedSuppression[] => [
  ...new Map(
    first.resources.flatMap((resource) =>
      ownSuppressions(resource, CONTROLS).map(({ suppression, origin }) => {
        const at = placeText(origin);
        return [
          `${at} ${JSON.stringify(suppression)}`,
          { address: resource.address, at, suppression },
        ] as const;
      }),
    ),
  ).values(),
];

/** Whether a resource has a suppression among others, wherever it is written. */
export const isOwn = (
  { address, suppression }: Omit<PlacedSuppression, 'at'>,
  among: readonly PlacedSuppression[],
): boolean =>
  among.some((each) => each.address === address && isDeepStrictEqual(each.suppression, suppression));

/** The most problems that are findings each. */
const MAX_PROBLEMS = 100;

/** What could not be understood or tried, as findings at their places: nobody may take the rest for all. */
const problemFindings = (
  { first, problems: told, untried, shown }: JudgedDeclarations,
  context: JudgeContext,
  isAlone: boolean,
): Finding[] => {
  const problems = [
    ...told,
    ...suppressionMistakes(first.resources, CONTROLS),
    ...(isAlone ? changesOfUndeclared(first.resources, first.earlier) : []),
  ];
  const inSources = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ message, ...origin }) => ({ at: placeText(origin), message: shown(message) }));
  const [source] = first.resources.map(({ origin }) => origin.file.path);
  const left = untried.map(({ name, tell }) => ({
    at: source ?? 'source',
    message: `too many values of \${${name}} can matter, so that not all were tried, or not with all others; ${tell}`,
  }));
  const over = problems.length - inSources.length;
  const more =
    over > 0 ? [{ at: source ?? 'source', message: `${over} further problems are not listed` }] : [];
  return [...inSources, ...left, ...more].flatMap(
    ({ at, message }) => unreadSourceObservation(at, message, context).findings,
  );
};

/** Values that nothing asks for: their names may be misspelt. */
const unasked = (parameters: DeclaredOptions['parameter'], { filled }: JudgedDeclarations): string[] => {
  const asked = new Set([...filled.values()].flatMap(({ hole }) => [hole.name, hole.parameter]));
  const names = [...(parameters?.keys() ?? [])].filter((name) => !asked.has(name));
  return names.length === 0
    ? []
    : [
        `nothing asks for --parameter ${listed(names.map(visibleText), 5)}: the names are those under “not known before the deployment”`,
      ];
};

/** What a person should know of how the declarations were judged. */
const remarksOf = ({ filled, ways, first, shown }: JudgedDeclarations, isBeside: boolean): string[] => {
  const open = [...filled.values()].filter(({ hole, isGiven }) => !isGiven && hole.byDefault === undefined);
  const defaults = [...filled.values()].filter(
    ({ hole, isGiven }) => !isGiven && hole.byDefault !== undefined,
  );
  const names = (of: typeof open) =>
    listed(
      of.map(({ hole }) => visibleText(shown(hole.name))),
      5,
    );
  const now = new Set(first.resources.map(({ address }) => address));
  const taken = (first.earlier ?? []).filter(({ address }) => !now.has(address)).length;
  return [
    `${first.resources.length} declared resources${taken > 0 ? `, and ${taken} taken away` : ''}${ways > 1 ? `, judged in ${ways} ways to fill what only the deployment tells` : ''}`,
    ...(open.length > 0 ? [`not known before the deployment: ${names(open)} (--parameter NAME=VALUE)`] : []),
    ...(defaults.length > 0 ? [`with their defaults: ${names(defaults)}`] : []),
    ...(isBeside ? [] : ['nothing of the account beside them is known: --snapshot DIR or --live tell it']),
  ];
};
