import type { TriedRemediation } from '../domain/finding.ts';
import type { RoleChange } from '../domain/role-change.ts';
import { isFaulty } from '../domain/status.ts';
import { NO_RECORDS, type RecordedUses } from '../events/recorded-uses.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import type { SomeFacts } from '../facts/gathered.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { found } from '../reader/read-result.ts';
import { listed as joined } from '../text/listed.ts';
import { field } from '../text/one-line.ts';
import type { ControlVerdict } from './control.ts';
import { otherRegions, reachesOtherRegions, regionsText, withinRegions } from './other-regions.ts';
import { type Changed, lostUses, recordsText, takesAway, usesText } from './recorded-losses.ts';
import {
  changedPrincipal,
  changedTrust,
  ownedElsewhere,
  refusedLength,
  remedyBy,
  withOwners,
} from './role-change.ts';
import { advised, plainText } from './verdicts.ts';

/** Judges changed facts with all controls of the resource; the change should mend the control of this id. */
type Judge = (facts: SomeFacts, tried: string) => ControlVerdict[];

/**
 * Keeps only commands that are proven to help: with the command's change applied to the facts, the control passes,
 * no control fails that passed before, nothing is denied that CloudTrail shows in use, and nothing is taken from another
 * Region in which the role is known to work. Any other command is left out, and the advice says why.
 */
export const withProvenRemedies = (
  verdicts: readonly ControlVerdict[],
  facts: SomeFacts,
  judge: Judge,
  shared: SharedWork,
): ControlVerdict[] =>
  verdicts.map((each) => {
    const { control, verdict } = each;
    if (!('remediation' in verdict)) return each;
    const identity = identityIn(facts);
    if (!verdict.remediation.change) {
      const { remediation, evidence, status } = verdict;
      if (!identity || !isFaulty(status) || remediation.isOfSteps || remediation.patch !== undefined)
        return each;
      const told = { ...remediation, text: withOwners(remediation, evidence, identity) };
      return { control, verdict: { ...verdict, remediation: told } };
    }
    const remedy = leavingOtherRegions(verdict.remediation, verdict.remediation.change, control.id, facts);
    const { change } = remedy;
    if (!change) return { control, verdict: { ...verdict, remediation: remedy } };
    const owner = identity && ownedElsewhere(identity.principal);
    const refused = owner ?? refusedLength(change, identity);
    const leftOut = { text: `${plainText(remedy)} No command is given, as ${refused}.` };
    if (refused !== undefined && (owner === undefined || change.type !== 'put-policy'))
      return { control, verdict: { ...verdict, remediation: leftOut } };
    const after = judge(factsAfter(facts, change, shared), control.id);
    const broken = after.filter((now) => isBroken(now, verdicts, control.id));
    if (broken.length === 0) {
      const proven = withRecordedUses(remedy, change, facts);
      const remediation = owner === undefined ? proven : asDocument(proven, owner);
      return { control, verdict: { ...verdict, remediation } };
    }
    if (owner !== undefined) return { control, verdict: { ...verdict, remediation: leftOut } };
    const text = `${plainText(remedy)} No command is given, because alone it would not help: ${reasons(broken)}.`;
    return { control, verdict: { ...verdict, remediation: { text } } };
  });

/** The policy in place of its command, for a role that its owner changes by other means. */
const asDocument = (proven: TriedRemediation, owner: string): TriedRemediation => {
  const { text, change } = proven;
  return change?.type === 'put-policy'
    ? advised(`${text} No command is given, as ${owner}.`, JSON.stringify(change.document))
    : proven;
};

/**
 * The command, if it takes nothing from a Region in which the role is known to work besides the audited ones; or one that
 * holds in the audited Regions alone; else the advice, and which Regions these are.
 */
const leavingOtherRegions = (
  remediation: TriedRemediation,
  change: RoleChange,
  control: string,
  facts: SomeFacts,
): TriedRemediation => {
  const { principal, trust, uses, recorded } = facts;
  const subject = (principal?.ok && principal.value) || (trust?.ok && trust.value) || undefined;
  const identity = identityIn(facts);
  if (!subject || !identity) return remediation;
  const { scope } = subject;
  if (!reachesOtherRegions(change, identity, scope.regions)) return remediation;
  const others = otherRegions({
    identity,
    scope,
    uses: uses?.ok ? uses.value : undefined,
    recorded: recorded?.ok ? recorded.value : undefined,
  });
  if (others.length === 0) return remediation;
  const { text, plain } = remediation;
  const works = `${identity.principal.arn} works in ${regionsText(others)}, too, where this audit reads no pipelines`;
  const limited = withinRegions(change, control, scope.regions);
  return reachesOtherRegions(limited, identity, scope.regions)
    ? {
        text: `${plainText(remediation)} No command is given, as ${works}: they may need what it takes away.`,
      }
    : remedyBy(
        { identity },
        limited,
        `${text} The Deny holds in ${joined(scope.regions, 5)} alone, as ${works}.`,
        plain,
      );
};

/** The length of one reason in advice. */
const MAX_REASON = 300;

/** The command, if the records show no use that it would end; else the advice, and which uses these are. */
const withRecordedUses = (
  remediation: TriedRemediation,
  change: RoleChange,
  facts: SomeFacts,
): TriedRemediation => {
  const recorded: RecordedUses = facts.recorded?.ok ? facts.recorded.value : NO_RECORDS;
  const principal = changedIn(facts);
  if (!principal || !takesAway(change) || recorded.records + recorded.unread.length === 0) return remediation;
  const text = plainText(remediation);
  const lost = lostUses(principal, change, recorded);
  if (lost.length > 0)
    return {
      text: `${text} No command is given, as it would take away, or may take away, what CloudTrail shows in use: ${usesText(lost)}.`,
    };
  if (recorded.unread.length > 0)
    return {
      text: `${text} No command is given, as CloudTrail’s records may show a need for what it takes away, and not all could be read: ${joined(
        recorded.unread.map((reason) => field(reason, MAX_REASON)),
        2,
      )}.`,
    };
  if (remediation.changes === undefined) return remediation;
  const changes = `${remediation.changes} CloudTrail shows no use of what it takes away, in ${recordsText(recorded, change)}.`;
  return { ...remediation, changes };
};

/** The role or user that a command would change, with its policies. */
const changedIn = ({ principal, trust }: SomeFacts): Changed | undefined => {
  if (principal?.ok) return principal.value;
  const identity = trust?.ok ? trust.value.identity : undefined;
  return identity && { identity, policies: identity.policies };
};

/** The role or user that a command would change. */
const identityIn = ({ principal, trust }: SomeFacts): Identity | undefined =>
  (principal?.ok ? principal.value.identity : undefined) ?? (trust?.ok ? trust.value.identity : undefined);

/** Names the controls that would fail after the command, and those whose verdict would be unknown. */
const reasons = (broken: readonly ControlVerdict[]): string => {
  const listed = (of: readonly ControlVerdict[]): string =>
    [...new Set(of.map(({ control }) => control.id))].join(', ');
  const open = broken.filter(({ verdict }) => verdict.status === 'NOT_AVAILABLE');
  const failing = broken.filter(({ verdict }) => verdict.status !== 'NOT_AVAILABLE');
  return [
    ...(failing.length > 0 ? [`${listed(failing)} would fail after it`] : []),
    ...(open.length > 0 ? [`whether ${listed(open)} would pass after it is not known`] : []),
  ].join(', and ');
};

/**
 * Whether a verdict after the change speaks against the command: the control still finds fault, or another control
 * newly does. Another control that becomes NOT_AVAILABLE counts only if it found no fault before.
 */
const isBroken = (now: ControlVerdict, before: readonly ControlVerdict[], mended: string): boolean => {
  const { status } = now.verdict;
  const isSame = now.control.id === mended;
  switch (status) {
    case 'PASSED':
    case 'NOT_APPLICABLE':
      return false;
    case 'FAILED':
      return isSame || !wasFaulty(before, now.control.id);
    case 'WARNING':
      return isSame ? !wasFailed(before, mended) : !wasFaulty(before, now.control.id);
    case 'NOT_AVAILABLE':
      return (
        isSame ||
        !before.some(({ control, verdict }) => control.id === now.control.id && 'evidence' in verdict)
      );
  }
};

const wasFaulty = (before: readonly ControlVerdict[], id: string): boolean =>
  before.some(({ control, verdict }) => control.id === id && isFaulty(verdict.status));

/** A change may turn a breach (FAILED) into a mere risk (WARNING), which is still progress. */
const wasFailed = (before: readonly ControlVerdict[], id: string): boolean =>
  before.some(({ control, verdict }) => control.id === id && verdict.status === 'FAILED');

/** The facts of a role or user after a change of it. */
export const factsAfter = (facts: SomeFacts, change: RoleChange, shared: SharedWork): SomeFacts => {
  const { principal, trust, isolation, exceptionSubject } = facts;
  const known = new Map<PrincipalFact, PrincipalFact>();
  const changedOnce = (before: PrincipalFact): PrincipalFact => {
    const after = known.get(before) ?? changedPrincipal(before, change, shared);
    known.set(before, after);
    return after;
  };
  const changed = <T extends { principal: PrincipalFact }>(fact: T): T => ({
    ...fact,
    principal: changedOnce(fact.principal),
  });
  return {
    ...facts,
    ...(principal?.ok && { principal: found(changedOnce(principal.value)) }),
    ...(trust?.ok && { trust: found(changedTrust(trust.value, change)) }),
    ...(isolation?.ok && isolation.value.of === 'role' && { isolation: found(changed(isolation.value)) }),
    ...(exceptionSubject?.ok &&
      exceptionSubject.value.of === 'role' && { exceptionSubject: found(changed(exceptionSubject.value)) }),
  };
};
