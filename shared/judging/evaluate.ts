import type { Config } from '../config/schema.ts';
import { approvalText } from '../domain/approval.ts';
import type { Evidence, OpenStatus, Severity, Verdict } from '../domain/finding.ts';
import type { Unread } from '../domain/gap.ts';
import type { ResourceType } from '../domain/resource.ts';
import { OPEN_STATUSES } from '../domain/status.ts';
import type { FactName, Facts } from '../facts/facts.ts';
import type { SomeFacts } from '../facts/gathered.ts';
import { groupBy } from '../group-by.ts';
import { type SharedWork, sharedWork, workForControl } from '../iam/sets/shared-work.ts';
import { notRead, type Read } from '../reader/read-result.ts';
import type { ConfigList, Control, ControlVerdict } from './control.ts';
import { withProvenRemedies } from './proven-remedies.ts';
import { namingDenied, unreadRemedy } from './unread-remedy.ts';
import { withUnreadUses } from './unread-use-verdicts.ts';
import { plainText } from './verdicts.ts';

/**
 * If a control has more verdicts on one resource, they are merged, so that a hostile definition cannot flood anybody.
 */
const MAX_VERDICTS = 100;

/**
 * Runs every enabled control of this type of resource on its facts. Never throws: a control that throws is
 * NOT_AVAILABLE.
 */
export const evaluate = (
  controls: readonly Control[],
  type: ResourceType,
  facts: SomeFacts,
  config: Config,
): ControlVerdict[] => {
  const shared = sharedWork();
  const judgeAll = judgeWith(controls, type, config, shared);
  return withProvenRemedies(judgeAll(facts), facts, judgeAll, shared);
};

const judgeWith = (
  controls: readonly Control[],
  type: ResourceType,
  config: Config,
  shared: SharedWork,
): ((facts: SomeFacts, tried?: string) => ControlVerdict[]) => {
  const asked = controls.filter((control) => control.on.includes(type) && isEnabled(control, config));
  return (facts, tried) =>
    asked.flatMap((control) =>
      bounded(judge(control, facts, config, workForControl(shared, tried))).map((verdict) => ({
        control,
        verdict,
      })),
    );
};

/**
 * What speaks against a change: the verdicts on one resource that find more fault after it than before, or that cannot tell
 * more, each with the evidence alone that is new. What a control still misses may be told in other words after the change, so
 * that evidence is more where more of it expects the same thing.
 */
export const worsenedBy = (
  facts: { before: SomeFacts; after: SomeFacts },
  controls: readonly Control[],
  type: ResourceType,
  config: Config,
): { control: Control; status: OpenStatus; evidence: [Evidence, ...Evidence[]] }[] => {
  // Evidence is compared, so that both rounds are whole, each with work of its own.
  const judgeAll = (of: SomeFacts): ControlVerdict[] => judgeWith(controls, type, config, sharedWork())(of);
  const before = new Map(
    [...groupBy(judgeAll(facts.before).flatMap(piecesOf), ({ key }) => key)].map(([key, pieces]) => [
      key,
      { count: pieces.length, found: new Set(pieces.map(({ evidence }) => evidence.found)) },
    ]),
  );
  const after = judgeAll(facts.after).flatMap(piecesOf);
  return [...groupBy(after, ({ key }) => key)].flatMap(([key, pieces]) => {
    const known = before.get(key);
    if (pieces.length <= (known?.count ?? 0)) return [];
    const fresh = pieces.filter(({ evidence }) => !known?.found.has(evidence.found));
    const [first, ...others] = fresh.length > 0 ? fresh : pieces;
    if (!first) return [];
    const { control, status } = first;
    return [{ control, status, evidence: [first.evidence, ...others.map(({ evidence }) => evidence)] }];
  });
};

/** Evidence of a control, and the key that it has in common with whatever the control expects alike. */
type Piece = { control: Control; status: OpenStatus; evidence: Evidence; key: string };

const piecesOf = ({ control, verdict }: ControlVerdict): Piece[] =>
  'evidence' in verdict
    ? verdict.evidence.map((evidence) => ({
        control,
        status: verdict.status,
        evidence,
        key: JSON.stringify([control.id, verdict.status, evidence.expected]),
      }))
    : [];

/** Whether the control is enabled, as it is unless the configuration switches it off. */
export const isEnabled = (control: Control, config: Config): boolean =>
  settingOf(control, config)?.enabled !== false;

/** The reason that the configuration gives for switching the control off. */
export const reasonOf = (control: Control, config: Config): string => {
  const { reason = 'no reason is given', ...setting } = settingOf(control, config) ?? {};
  return reason + approvalText(setting);
};

/** The severity of the control's findings: from the configuration, else the control's own. */
export const severityOf = (control: Control, config: Config): Severity =>
  (settingOf(control, config)?.severity?.toUpperCase() as Severity | undefined) ?? control.severity;

const settingOf = (control: Control, { controls = {} }: Config) =>
  Object.hasOwn(controls, control.id) ? controls[control.id] : undefined;

/** The lists that the control needs and the configuration does not give. */
export const missingLists = (control: Control, config: Config): ConfigList[] =>
  control.needs.filter((list) => !isGiven(list, config));

const isGiven = (list: ConfigList, { prefixes, roles, versionFloors, scpException }: Config): boolean => {
  switch (list) {
    case 'prefixes':
      return prefixes !== undefined && prefixes.length > 0;
    case 'roles.creators':
      return (roles?.creators?.length ?? 0) > 0;
    case 'versionFloors':
      return (versionFloors?.length ?? 0) > 0;
    case 'scpException':
      return scpException !== undefined && scpException !== null;
    case 'roles.steps':
      return (roles?.steps?.length ?? 0) + (roles?.execution?.length ?? 0) > 0;
  }
};

/** Whether the configuration says that there is nothing for the list: an empty one, or `null` for the SCP exception. */
export const isGivenEmpty = (
  list: ConfigList,
  { prefixes, roles, versionFloors, scpException }: Config,
): boolean => {
  switch (list) {
    case 'prefixes':
      return prefixes?.length === 0;
    case 'roles.creators':
      return roles?.creators?.length === 0;
    case 'versionFloors':
      return versionFloors?.length === 0;
    case 'scpException':
      return scpException === null;
    case 'roles.steps':
      return roles?.steps?.length === 0 || roles?.execution?.length === 0;
  }
};

const judge = (control: Control, facts: SomeFacts, config: Config, shared: SharedWork): Verdict[] => {
  const missing = missingLists(control, config);
  if (missing.length > 0) {
    return [{ status: 'NOT_APPLICABLE', because: `the configuration gives no ${missing.join(' and no ')}` }];
  }
  const known: Partial<Record<FactName, unknown>> = {};
  let because: string | undefined;
  for (const name of control.requires) {
    const fact = facts[name] ?? notGathered(name);
    if (fact.ok) known[name] = fact.value;
    else if ('unread' in fact) return [notAvailable(fact.unread)];
    else because ??= fact.notApplicable;
  }
  if (because !== undefined) return [{ status: 'NOT_APPLICABLE', because }];
  try {
    const verdicts = control.evaluate(known as Facts, config, shared);
    const unread = facts.uses?.ok ? facts.uses.value.unread : [];
    return withUnreadUses(verdicts, unread, control.hangsOn).map(namingDenied);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    return [notAvailable({ call: `control ${control.id}`, code: name, message: message.slice(0, 500) })];
  }
};

/**
 * The types make gatherers state every fact of a resource's type. Should one be missing nevertheless, the control
 * must not pass.
 */
const notGathered = (name: FactName): Read<never> =>
  notRead(name, 'NotGathered', 'the fact that the control requires was not gathered');

const notAvailable = ({ call, code, message }: Unread): Verdict => ({
  status: 'NOT_AVAILABLE',
  evidence: [{ at: call, found: `${code}: ${message}`, expected: 'evidence that can be read' }],
  remediation: { text: unreadRemedy({ call, code }) },
});

/** Merges too many verdicts into one without subject for each open status. */
const bounded = (verdicts: Verdict[]): Verdict[] => {
  if (verdicts.length <= MAX_VERDICTS) return verdicts;
  const merged = OPEN_STATUSES.flatMap((status): Verdict[] => {
    const open = verdicts
      .filter((verdict) => 'evidence' in verdict)
      .filter((verdict) => verdict.status === status);
    const [first, ...others] = open.map((verdict) => verdict.evidence[0]).slice(0, MAX_VERDICTS);
    if (!first || !open[0]) return [];
    const rest = open.length - MAX_VERDICTS;
    const more =
      rest > 0
        ? [{ at: 'further subjects', found: `${rest} more like these`, expected: first.expected }]
        : [];
    const { severity, remediation } = open[0];
    return [
      {
        status,
        ...(severity ? { severity } : {}),
        evidence: [first, ...others, ...more],
        remediation: { text: plainText(remediation) },
      },
    ];
  });
  return merged.length > 0 ? merged : [{ status: 'PASSED' }];
};
