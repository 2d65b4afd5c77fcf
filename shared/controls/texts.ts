import type { ControlTexts, DescribedControl } from '../judging/control.ts';
import { CONTROLS } from './index.ts';
import texts from './texts.generated.json' with { type: 'json' };

const TEXTS: Readonly<Record<string, ControlTexts>> = texts;

/** All controls with their texts from this folder's Markdown files, by id in alphabetical order. */
export const DESCRIBED_CONTROLS: readonly DescribedControl[] = CONTROLS.flatMap((control) => {
  const own = TEXTS[control.id];
  return own ? [{ ...control, ...own }] : [];
});

const byId = new Map(DESCRIBED_CONTROLS.map((control) => [control.id, control]));

/** The control with this id and its texts; undefined for an unknown id. */
export const describedControl = (id: string): DescribedControl | undefined => byId.get(id);
