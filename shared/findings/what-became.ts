import type { Evidence, Finding } from '../domain/finding.ts';
import type { Judgement, Judgements, Unjudged } from '../domain/judgement.ts';
import { isDefinite } from '../domain/status.ts';
import { cut } from '../text/cut.ts';

/**
 * What became of an open finding that a newer look does not report as open. `mended`: judged again, PASSED.
 * `not-applicable`: judged again, nothing left to judge. `gathered`: other findings of the same control
 * report what is left. Only the first two are delivered as resolved.
 */
export type Became =
  | { is: 'mended' }
  | { is: 'not-applicable'; because: string }
  | { is: 'gone' }
  | { is: 'gathered' }
  | ({ is: 'unjudged' } & Omit<Unjudged, 'since'>);

/** Whether two looks used the same configuration; undefined where nobody knows. */
export type IsSameConfiguration = boolean | undefined;

/**
 * What became of a finding, by the judgement of its control in the newest look. `hasPassed` tells whether the judgement
 * lists the finding’s subject as passed. The judgement is undefined where the control no longer exists.
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

/**
 * “Nothing to judge” ends a finding as resolved only under the same configuration. Where the configuration has changed,
 * the resource may be as bad as it was.
 */
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

/** The judgement of a control; undefined where no such control judged the resource. */
export const judgementIn = (judged: Judgements, control: string): Judgement | undefined =>
  Object.hasOwn(judged, control) ? judged[control] : undefined;

/** Whether a judgement with open findings lists this finding’s subject among those that passed. */
export const hasPassed = (judgement: Judgement | undefined, { subject }: Pick<Finding, 'subject'>): boolean =>
  (judgement?.is === 'mixed' || judgement?.is === 'unread') && judgement.passed.includes(subject ?? null);

const MAX_BECAUSE = 500;

/** Why a verdict is NOT_AVAILABLE, in the words of its first piece of evidence. */
export const unreadBecause = ([first]: readonly Evidence[]): string =>
  first ? cut(`${first.at}: ${first.found}`, MAX_BECAUSE) : 'what it needs could not be read';
