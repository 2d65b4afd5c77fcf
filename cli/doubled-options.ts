import type { Command, Option } from 'commander';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';

/**
 * Makes every command refuse an option that is given twice and takes one value: one of the two would be forgotten, and
 * what was audited would not be what was asked for. `isRepeatable` are those that mean each of their values.
 */
export const refuseDoubled = (
  program: Command,
  isRepeatable: (command: Command, option: Option) => boolean,
): void => {
  for (const command of program.commands) {
    refuseDoubled(command, isRepeatable);
    for (const option of command.options) {
      if (!option.required || option.variadic || isRepeatable(command, option)) continue;
      const given: string[] = [];
      command.on(`option:${option.name()}`, (value: string) => {
        given.push(value);
        if (given.length > 1)
          throw new UsageError(
            `${option.long} is given twice (${given.map((each) => JSON.stringify(visibleText(each))).join(', ')}): give it once`,
          );
      });
    }
  }
};
