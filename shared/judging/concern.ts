import type { Evidence, Verdict } from '../domain/finding.ts';
import { why } from '../iam/explain/why.ts';
import type { AnyAnswer, Doubt, EveryAnswer, Example, UnnamedAnswer } from '../iam/sets/answers.ts';

/** What speaks against a principal: an example shows it, or it is open whether there is one. */
export type Concern = { is: 'shown'; evidence: Evidence } | { is: 'open'; evidence: Evidence; doubt: Doubt };

type Shown = Extract<Concern, { is: 'shown' }>;
export type OpenConcern = Extract<Concern, { is: 'open' }>;

/**
 * What an answer says of something that should not be allowed: nothing only where it is shown that it is allowed nowhere.
 * `nameOf` names the resource in evidence; it is given none where there is no example.
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

/** The same of something that should be allowed as a whole. */
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

/** The evidence that is shown, and the first that is open. */
export const sorted = (
  concerns: readonly Concern[],
): { shown: Evidence[]; open: OpenConcern | undefined } => ({
  shown: concerns.filter((each): each is Shown => each.is === 'shown').map(({ evidence }) => evidence),
  open: concerns.find((each): each is OpenConcern => each.is === 'open'),
});

/** The verdict where a concern is open: never a pass. `otherwise` is what helps beside trying a request. */
export const openVerdict = ({ evidence, doubt }: OpenConcern, otherwise: string): Verdict => ({
  status: 'NOT_AVAILABLE',
  evidence: [evidence],
  remediation: { text: doubtRemedy(doubt, otherwise) },
});

/** What is not known of an action on a resource, and where it hangs. */
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

/** What would settle it. */
export const doubtRemedy = (doubt: Doubt, otherwise: string): string => {
  switch (doubt.kind) {
    case 'hangs':
      return `Try it with pipewarden simulate and --context, or ${otherwise}.`;
    case 'too-complex':
      return 'Write the patterns of this statement, and of those that deny what it allows, with fewer wildcards.';
  }
};
