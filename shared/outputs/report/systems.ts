import { groupBy } from '../../group-by.ts';
import { SYSTEMS, type System } from '../../judging/control.ts';

const OTHERS: System = 'The audit itself';

/** Findings by the system of their control. All systems are listed in their order, numbered, also without findings. */
export const bySystem = <T extends { control: string }>(
  entries: readonly T[],
  systemOf: (control: string) => System | undefined,
): [string, T[]][] => {
  const groups = groupBy(entries, ({ control }) => systemOf(control) ?? OTHERS);
  return SYSTEMS.map((system, index): [string, T[]] => [
    system === OTHERS ? system : `${index + 1}. ${system}`,
    groups.get(system) ?? [],
  ]);
};
