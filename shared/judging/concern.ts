import type { Evidence, Verdict } from '../domain/finding.ts';
import { type AccountScope, inRegions, type Scope } from '../domain/scope.ts';
import { why } from '../iam/explain/why.ts';
import type { AnyAnswer, Doubt, EveryAnswer, Example, UnnamedAnswer } from '../iam/sets/answers.ts';
import { quotedUnreadRemedy } from './unread-remedy.ts';

/**
 * Something that speaks against a principal: an example proves it (`shown`), or nobody knows if there is one
 * (`open`).
 */
export type Concern = { is: 'shown'; evidence: Evidence } | { is: 'open'; evidence: Evidence; doubt: Doubt };

type Shown = Extract<Concern, { is: 'shown' }>;
export type OpenConcern = Extract<Concern, { is: 'open' }>;

/**
 * The concerns about something that should not be allowed. There are none only if the engine proved that it is
 * allowed nowhere. `nameOf` names the resource in the evidence; without an example it gets no argument.
 */
export const concernsOf = (
  found: AnyAnswer | UnnamedAnswer,
  action: string,
  nameOf: (example?: Example) => string,
  expected: string,
): Concern[] => {
  switch (found.answer) {
    case 'none':
    case 'no':
      return [];
    case 'some':
    case 'yes': {
      const { example } = found;
      return [{ is: 'shown', evidence: { ...why(example.explanation, action, nameOf(example)), expected } }];
    }
    case 'unknown': {
      const { doubt } = found;
      return [{ is: 'open', evidence: { ...doubtEvidence(doubt, action, nameOf), expected }, doubt }];
    }
  }
};

/** The concerns about something that should be allowed for a whole set of resources. */
export const refusals = (
  found: EveryAnswer,
  action: string,
  resource: string,
  expected: string,
): Concern[] => {
  switch (found.answer) {
    case 'all':
      return [];
    case 'some':
    case 'none':
      return [{ is: 'shown', evidence: { ...why(found.example.explanation, action, resource), expected } }];
    case 'unknown': {
      const { doubt } = found;
      return [{ is: 'open', evidence: { ...doubtEvidence(doubt, action, () => resource), expected }, doubt }];
    }
  }
};

/** Whether an example shows the concern. */
export const isShown = (concern: Concern): concern is Shown => concern.is === 'shown';

/** The evidence of all shown concerns, and the first open concern. */
const sorted = (concerns: readonly Concern[]): { shown: Evidence[]; open: OpenConcern | undefined } => ({
  shown: concerns.filter(isShown).map(({ evidence }) => evidence),
  open: concerns.find((each): each is OpenConcern => each.is === 'open'),
});

/** How a control words its verdict on concerns. */
type Telling = {
  /** Makes the verdict on the shown concerns of their evidence. */
  breach: (evidence: [Evidence, ...Evidence[]]) => Verdict;
  /** Advice for an open concern, besides trying the request. */
  otherwise: string;
  /** The verdict if there is no concern. */
  fine?: Verdict;
};

/**
 * The verdict on all concerns about a principal: a shown concern is a breach, and an open concern is never a pass. What is
 * not known is no graver than the breach would be.
 */
export const verdictOn = (
  concerns: readonly Concern[],
  { breach, otherwise, fine = { status: 'PASSED' } }: Telling,
): Verdict => {
  const {
    shown: [first, ...others],
    open,
  } = sorted(concerns);
  if (first) return breach([first, ...others]);
  if (!open) return fine;
  const would = breach([open.evidence]);
  const severity = 'severity' in would && would.severity !== 'CRITICAL' ? would.severity : undefined;
  return { ...openVerdict(open, otherwise), ...(severity && { severity }) };
};

/** The first shown concern, or else the first open concern: one is enough for a finding. */
export const worstOf = (concerns: readonly Concern[]): Concern[] => {
  const worst = concerns.find(isShown) ?? concerns[0];
  return worst ? [worst] : [];
};

/**
 * What a question comes to that is asked in each Region of an account: the concerns of the first Region where something is
 * shown, or else of the first where something is open. None means that nothing is shown or open in any.
 */
export const inAnyRegion = (scope: AccountScope, ask: (place: Scope) => Concern[]): Concern[] => {
  let open: Concern[] = [];
  for (const place of inRegions(scope)) {
    const found = ask(place);
    if (found.some(isShown)) return found;
    if (open.length === 0) open = found;
  }
  return open;
};

/** The verdict for an open concern: NOT_AVAILABLE, never a pass. `otherwise` is advice besides trying the request. */
const openVerdict = ({ evidence, doubt }: OpenConcern, otherwise: string): Verdict => ({
  status: 'NOT_AVAILABLE',
  evidence: [evidence],
  remediation: { text: doubtRemedy(doubt, otherwise) },
});

/** Says which action on which resource is undecided, and which statement or key this depends on. */
export const doubtEvidence = (
  doubt: Doubt,
  action: string,
  nameOf: (example?: Example) => string,
): Pick<Evidence, 'at' | 'found'> => {
  switch (doubt.kind) {
    case 'hangs':
      return why(doubt.example.explanation, action, nameOf(doubt.example));
    case 'too-complex':
      return {
        at: doubt.at,
        found: `whether ${action} on ${nameOf()} is allowed is not known: ${doubt.reason}`,
      };
  }
};

/** Advice that would settle the doubt. */
export const doubtRemedy = (doubt: Doubt, otherwise: string): string => {
  switch (doubt.kind) {
    case 'hangs': {
      const { missingContext, doubts } = doubt.example.explanation;
      const isUnread = doubts.some((each) => /cannot be read|was not given/.test(each));
      // Without a condition there is no context to try it with.
      if (missingContext.length > 0 || !isUnread)
        return `Try it with pipewarden simulate and --context, or ${otherwise}.`;
      return doubts.some((each) => each.includes('policies of other accounts are not read'))
        ? 'Ask the owner of the other account whether its policy allows it: policies of other accounts are not read.'
        : quotedUnreadRemedy(doubts, 'See to it that what the evidence names can be read, and audit again.');
    }
    case 'too-complex':
      return 'Use fewer wildcards in the patterns of this statement and of the statements that deny what it allows.';
  }
};
