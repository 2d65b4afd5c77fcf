import { cut } from './cut.ts';
import { visibleText } from './visible-text.ts';

/** The longest name of an organizational unit that is shown whole. */
const MAX_NAME = 60;

/** An organizational unit by its name and id, such as `Engineering (ou-ab12-cdefgh34)`; by its id alone where nobody told the name. */
export const unitText = (id: string, name: string | undefined): string =>
  name === undefined ? visibleText(id) : `${cut(visibleText(name), MAX_NAME)} (${visibleText(id)})`;
