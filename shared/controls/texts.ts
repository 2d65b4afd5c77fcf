import type { ControlTexts, DescribedControl } from '../judging/control.ts';
import { CONTROLS } from './index.ts';
import texts from './texts.generated.json' with { type: 'json' };

const TEXTS: Readonly<Record<string, ControlTexts>> = texts;

/** Every control with its texts, by id in alphabetical order; the texts are those of the Markdown files of this folder. */
export const DESCRIBED_CONTROLS: readonly DescribedControl[] = CONTROLS.flatMap((control) => {
  const own = TEXTS[control.id];
  return own ? [{ ...control, ...own }] : [];
});

const byId = new Map(DESCRIBED_CONTROLS.map((control) => [control.id, control]));

/** The control of that id with its texts; undefined for an id that no control has. */
export const describedControl = (id: string): DescribedControl | undefined => byId.get(id);
