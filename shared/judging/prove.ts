import type { RoleChange } from '../domain/role-change.ts';
import { isFaulty } from '../domain/status.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import type { GatheredFacts } from '../facts/gathered.ts';
import { found } from '../reader/read.ts';
import type { ControlVerdict } from './control.ts';
import { changedPrincipal, changedTrust, refusedLength } from './role-change.ts';

/** Judges changed facts with all controls of the resource. */
type Judge = (facts: GatheredFacts) => ControlVerdict[];

/**
 * The verdicts with those commands alone that are shown to help: tried on the evidence, the control passes and no other
 * control fails that passed before. A command of which that is not so is left out, and its text says why.
 */
export const withProvenRemedies = (
  verdicts: readonly ControlVerdict[],
  facts: GatheredFacts,
  judge: Judge,
): ControlVerdict[] =>
  verdicts.map((each) => {
    const { control, verdict } = each;
    if (!('remediation' in verdict) || !verdict.remediation.change) return each;
    const { change, patch: _, ...remediation } = verdict.remediation;
    const tooLong = refusedLength(change, facts.principal?.ok ? facts.principal.value : undefined);
    if (tooLong !== undefined) {
      const text = `${remediation.text} No command is given, as ${tooLong}.`;
      return { control, verdict: { ...verdict, remediation: { text } } };
    }
    const after = judge(factsAfter(facts, change));
    const broken = after.filter((now) => isBroken(now, verdicts, control.id));
    if (broken.length === 0) return each;
    const failing = [...new Set(broken.map((now) => now.control.id))].join(', ');
    const text = `${remediation.text} No command is given, as by itself it would not do: ${failing} would fail then.`;
    return { control, verdict: { ...verdict, remediation: { text } } };
  });

/** The control itself still says so, or another one does that did not before. */
const isBroken = (now: ControlVerdict, before: readonly ControlVerdict[], mended: string): boolean => {
  if (!isFaulty(now.verdict.status)) return false;
  if (now.control.id === mended) return now.verdict.status === 'FAILED' || !wasFailed(before, mended);
  return !before.some(({ control, verdict }) => control.id === now.control.id && isFaulty(verdict.status));
};

/** A role that is no breach any more may still be a risk. */
const wasFailed = (before: readonly ControlVerdict[], id: string): boolean =>
  before.some(({ control, verdict }) => control.id === id && verdict.status === 'FAILED');

const factsAfter = (facts: GatheredFacts, change: RoleChange): GatheredFacts => {
  const { principal, trust, isolation, exceptionSubject } = facts;
  const changed = <T extends { principal: PrincipalFact }>(fact: T): T => ({
    ...fact,
    principal: changedPrincipal(fact.principal, change),
  });
  return {
    ...facts,
    ...(principal?.ok && { principal: found(changedPrincipal(principal.value, change)) }),
    ...(trust?.ok && { trust: found(changedTrust(trust.value, change)) }),
    ...(isolation?.ok && isolation.value.of === 'role' && { isolation: found(changed(isolation.value)) }),
    ...(exceptionSubject?.ok &&
      exceptionSubject.value.of === 'role' && { exceptionSubject: found(changed(exceptionSubject.value)) }),
  };
};
