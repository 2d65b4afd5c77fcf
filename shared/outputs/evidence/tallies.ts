import { groupBy } from '../../group-by.ts';
import type { EvidenceModel } from './model.ts';
import { memberKey } from './population.ts';
import type { Said, Stretch } from './stretches.ts';

/**
 * What a control had to say of a resource at a time. `accepted`: a suppression covers all that is open. `not-looked-at`: the last look was too
 * long ago. `no-verdict`: its last look heard nothing of the control. None but `passed` is a pass.
 */
export const STANDINGS = [
  'failed',
  'warning',
  'unknown',
  'not-judged',
  'not-looked-at',
  'accepted',
  'passed',
  'not-applicable',
  'no-verdict',
  'not-yet-seen',
  'gone',
] as const;
export type Standing = (typeof STANDINGS)[number];

/** What a control’s population came to. The counts of `begin` and `end` add up to the population. */
export type Tally = {
  control: string;
  population: number;
  begin: Record<Standing, number>;
  end: Record<Standing, number>;
  /** Resources that the control found at fault in some look of the period, whatever became of it. */
  everAtFault: number;
  opened: number;
  mended: number;
  /** Ends of findings that are no mending. */
  endedOtherwise: number;
};

/** A row for each control that was heard of in the period, by name. */
export const talliesOf = (model: EvidenceModel): Tally[] => {
  const { stretches, changes, members } = model;
  const byControl = groupBy(stretches, ({ control }) => control);
  const changesBy = groupBy(changes, ({ finding }) => finding.control);
  const names = [...new Set([...byControl.keys(), ...changesBy.keys()])].toSorted();
  return names.map((control) => {
    const byResource = groupBy(byControl.get(control) ?? [], memberKey);
    const of = changesBy.get(control) ?? [];
    const tally: Tally = {
      control,
      population: byResource.size,
      begin: noCounts(),
      end: noCounts(),
      everAtFault: 0,
      opened: of.filter(({ change }) => change === 'opened').length,
      mended: of.filter(({ ended }) => ended?.how === 'mended').length,
      endedOtherwise: of.filter(({ ended }) => ended !== undefined && ended.how !== 'mended').length,
    };
    for (const [key, ofResource] of byResource) {
      tally.begin[
        standingAt(
          ofResource.filter(({ atBegin }) => atBegin),
          members.get(key)?.seenBefore === undefined ? 'not-yet-seen' : 'no-verdict',
        )
      ] += 1;
      const isGone = members.get(key)?.goneAt !== undefined;
      tally.end[
        isGone
          ? 'gone'
          : standingAt(
              ofResource.filter(({ atEnd }) => atEnd),
              restOf(ofResource, model, key),
            )
      ] += 1;
      if (ofResource.some((each) => isAtFault(each) && each.last >= model.begin)) tally.everAtFault += 1;
    }
    return tally;
  });
};

const isAtFault = ({ said }: Stretch): boolean => said === 'FAILED' || said === 'WARNING';

/** What stands where no stretch does: the newest look said nothing of the control, or there is none that is new enough. */
const restOf = (stretches: readonly Stretch[], { members }: EvidenceModel, key: string): Standing => {
  const last = members.get(key)?.seen?.last ?? '';
  return stretches.some((each) => each.last >= last) ? 'not-looked-at' : 'no-verdict';
};

const noCounts = (): Record<Standing, number> =>
  Object.fromEntries(STANDINGS.map((standing) => [standing, 0])) as Record<Standing, number>;

/** The gravest of what stands. */
const standingAt = (stretches: readonly Stretch[], otherwise: Standing): Standing => {
  const there = new Set(stretches.map(standingOf));
  return STANDINGS.find((standing) => there.has(standing)) ?? otherwise;
};

/** What a stretch says while it stands. */
export const standingOf = ({ said, suppression }: Pick<Stretch, 'said' | 'suppression'>): Standing =>
  suppression && said !== 'PASSED' && said !== 'NOT_APPLICABLE' ? 'accepted' : OF_SAID[said];

const OF_SAID: Record<Said, Standing> = {
  FAILED: 'failed',
  WARNING: 'warning',
  NOT_AVAILABLE: 'unknown',
  NOT_JUDGED: 'not-judged',
  PASSED: 'passed',
  NOT_APPLICABLE: 'not-applicable',
};

/** What the resources of all controls came to, in one row. */
export const totalOf = (tallies: readonly Tally[], when: 'begin' | 'end'): Record<Standing, number> => {
  const total = noCounts();
  for (const tally of tallies) for (const standing of STANDINGS) total[standing] += tally[when][standing];
  return total;
};
