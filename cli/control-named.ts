import { CONTROLS } from '../shared/controls/index.ts';
import { describedControl } from '../shared/controls/texts.ts';
import type { DescribedControl } from '../shared/judging/control.ts';
import { suggestion } from '../shared/text/suggestion.ts';
import { UsageError } from './errors.ts';

/**
 * A control with its texts.
 * @throws {UsageError} naming all controls if there is none of this id.
 */
export const controlNamed = (id: string): DescribedControl => {
  const control = describedControl(id);
  if (control) return control;
  const ids = CONTROLS.map((known) => known.id);
  throw new UsageError(
    `there is no control ${JSON.stringify(id)}${suggestion(id, ids)}\ncontrols: ${ids.join(', ')}`,
  );
};
