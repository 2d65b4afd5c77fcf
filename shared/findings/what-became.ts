import type { Evidence, Finding } from '../domain/finding.ts';
import type { Judgement, Judgements, Unjudged } from '../domain/judgement.ts';
import { isDefinite } from '../domain/status.ts';
import { cut } from '../text/cut.ts';

/**
 * What became of a finding that was open and that a newer look does not tell as open. `mended` = judged again and
 * PASSED; `not-applicable` = judged again, and there is nothing left to judge; `gathered` = other findings of the same
 * control on the resource tell what is left of it. Only the first two are told as resolved.
 */
export type Became =
  | { is: 'mended' }
  | { is: 'not-applicable'; because: string }
  | { is: 'gone' }
  | { is: 'gathered' }
  | ({ is: 'unjudged' } & Omit<Unjudged, 'since'>);

/** How a look relates to the one that the finding was last judged by; undefined where that is not known. */
export type IsSameConfiguration = boolean | undefined;

/**
 * What became of a finding by the judgement of its control in the newest look at its resource. `hasPassed` = what the
 * finding is about is among the judgement's `passed`. A judgement that is missing is one of a control that does not
 * exist any more.
 */
export const whatBecame = (
  finding: Pick<Finding, 'control' | 'status'>,
  judgement: Judgement | undefined,
  { hasPassed, isSameConfiguration }: { hasPassed: boolean; isSameConfiguration: IsSameConfiguration },
): Became => {
  if (judgement === undefined)
    return {
      is: 'unjudged',
      why: 'control-unknown',
      because: `this version has no control ${finding.control} that judges such a resource`,
    };
  switch (judgement.is) {
    case 'passed':
      return { is: 'mended' };
    case 'nothing':
      return outOfReach(judgement.because, isSameConfiguration);
    case 'mixed':
      return { is: hasPassed ? 'mended' : 'gathered' };
    case 'unread':
      if (hasPassed) return { is: 'mended' };
      return isDefinite(finding.status)
        ? { is: 'unjudged', why: 'unread', because: judgement.because }
        : { is: 'gathered' };
    case 'ungathered':
      return { is: 'unjudged', why: 'unread', because: judgement.because };
    case 'gone':
      return { is: 'gone' };
    case 'left-out':
      return { is: 'unjudged', why: judgement.why, because: judgement.because };
  }
};

/** Where the configuration has changed, nobody knows whether the evidence has: that nothing applies is no mend then. */
const outOfReach = (because: string, isSameConfiguration: IsSameConfiguration): Became => {
  if (isSameConfiguration) return { is: 'not-applicable', because };
  return isSameConfiguration === undefined
    ? {
        is: 'unjudged',
        why: 'not-known',
        because: `it does not apply (${because}), and nobody knows whether the configuration has changed`,
      }
    : {
        is: 'unjudged',
        why: 'configuration-changed',
        because: `it does not apply under the changed configuration (${because})`,
      };
};

/** The judgement of a control; undefined where the look knows no such control. */
export const judgementIn = (judged: Judgements, control: string): Judgement | undefined =>
  Object.hasOwn(judged, control) ? judged[control] : undefined;

/** Whether a judgement names what the finding is about among what passed beside what is open. */
export const hasPassed = (judgement: Judgement | undefined, { subject }: Pick<Finding, 'subject'>): boolean =>
  (judgement?.is === 'mixed' || judgement?.is === 'unread') && judgement.passed.includes(subject ?? null);

const MAX_BECAUSE = 500;

/** What could not be read, by the evidence of a verdict that is NOT_AVAILABLE. */
export const unreadBecause = ([first]: readonly Evidence[]): string =>
  first ? cut(`${first.at}: ${first.found}`, MAX_BECAUSE) : 'what it needs could not be read';
