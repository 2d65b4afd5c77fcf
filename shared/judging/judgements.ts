import type { Config } from '../config/schema.ts';
import type { Verdict } from '../domain/finding.ts';
import type { Judgement, Judgements, LeftOut, Subject } from '../domain/judgement.ts';
import type { ResourceType } from '../domain/resource.ts';
import type { Fact, NotApplicable, SomeFacts } from '../facts/gathered.ts';
import { unreadBecause } from '../findings/what-became.ts';
import { groupBy } from '../group-by.ts';
import type { UnreadPipeline } from '../needs/roster.ts';
import type { Control, ControlVerdict } from './control.ts';
import { isEnabled, missingLists, reasonOf } from './evaluate.ts';

/** What the controls saw in one look. `isAbsent`: the resource does not exist, but something still refers to it. */
export type JudgedLook = {
  type: ResourceType;
  facts: SomeFacts;
  config: Config;
  verdicts: readonly ControlVerdict[];
  isAbsent: boolean;
};

/** What every control of this type of resource came to, including controls without a verdict. */
export const judgementsOf = (controls: readonly Control[], look: JudgedLook): Judgements => {
  const byControl = groupBy(look.verdicts, ({ control }) => control.id);
  return Object.fromEntries(
    controls
      .filter(({ on }) => on.includes(look.type))
      .map((control) => [control.id, judgementOf(control, byControl.get(control.id) ?? [], look)]),
  );
};

/** Why the configuration keeps a control from judging; undefined if it does not. */
export const leftOutOf = (control: Control, config: Config): LeftOut | undefined => {
  if (!isEnabled(control, config))
    return { why: 'control-off', because: `the control is switched off: ${reasonOf(control, config)}` };
  const missing = missingLists(control, config);
  return missing.length === 0
    ? undefined
    : { why: 'not-configured', because: `the configuration gives no ${missing.join(' and no ')}` };
};

const judgementOf = (
  control: Control,
  told: readonly ControlVerdict[],
  { facts, config, isAbsent }: JudgedLook,
): Judgement => {
  const leftOut = leftOutOf(control, config);
  if (leftOut) return { is: 'left-out', ...leftOut };
  const unknown = told.some(({ verdict }) => verdict.status === 'NOT_AVAILABLE');
  const missing = unknown ? [] : control.requires.flatMap((fact) => missingFact(facts[fact]));
  const because = missing.find(({ isUnknown }) => isUnknown) ?? missing[0];
  if (because)
    return isAbsent && !because.isUnknown
      ? { is: 'gone' }
      : {
          is: 'ungathered',
          because: because.notApplicable,
          ...(!because.isUnknown && { isInapplicable: true }),
        };
  const judgement = ofVerdicts(told.map(({ verdict }) => verdict));
  // Whether the control applies to a user or role may hang on a pipeline that nobody could read.
  const [unread] = judgement.is === 'nothing' ? unreadPipelines(control, facts) : [];
  return unread ? { is: 'ungathered', because: `pipeline ${unread.name}: ${unread.why}` } : judgement;
};

/** The pipelines that could not be read, among those about which the control asks. */
const unreadPipelines = (
  { requires }: Control,
  { uses, roster }: SomeFacts,
): readonly Pick<UnreadPipeline, 'name' | 'why'>[] => [
  ...(requires.includes('uses') && uses?.ok ? uses.value.unread : []),
  ...(requires.includes('roster') && roster?.ok ? roster.value.unread : []),
];

/** Why a fact was not gathered. That nothing was there to gather proves nothing about what an earlier look saw. */
const missingFact = (fact: Fact<unknown> | undefined): NotApplicable[] =>
  fact && 'notApplicable' in fact ? [fact] : [];

const ofVerdicts = (verdicts: readonly Verdict[]): Judgement => {
  const subjectsOf = (of: readonly Verdict[]): Subject[] => of.map(({ subject }) => subject ?? null);
  const open = verdicts.filter((verdict) => 'evidence' in verdict);
  // Several steps can have one name, so a step that passes says nothing about its namesake.
  const passed = (): Subject[] => {
    const faulty = new Set(subjectsOf(open));
    return subjectsOf(verdicts.filter(({ status }) => status === 'PASSED')).filter(
      (subject) => !faulty.has(subject),
    );
  };
  const unread = open.find(({ status }) => status === 'NOT_AVAILABLE');
  if (unread) return { is: 'unread', passed: passed(), because: unreadBecause(unread.evidence) };
  // A part that the finding on another resource reports is as it was. Nobody may take it for mended.
  const isToldElsewhere = verdicts.some(
    ({ status, subject }) => status === 'NOT_APPLICABLE' && subject !== undefined,
  );
  if (open.length > 0 || isToldElsewhere) return { is: 'mixed', passed: passed() };
  if (verdicts.some(({ status }) => status === 'PASSED')) return { is: 'passed' };
  const [first] = verdicts;
  const because = first && 'because' in first ? first.because : undefined;
  return { is: 'nothing', because: because ?? 'there is nothing left that the control judges' };
};
