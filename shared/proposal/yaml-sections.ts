import { Document, isCollection, isNode, stringify } from 'yaml';
import { cut } from '../text/cut.ts';
import { visibleText } from '../text/visible-text.ts';
import type { Noted } from './noted.ts';

const MAX_COMMENT = 300;

/** Stands above everything that a proposal takes from an account, so that nobody takes it for a decision of its owner. */
export const TO_CONFIRM = 'found, to be confirmed:';

type Notes = readonly [...path: string[], list: readonly Noted<unknown>[]];

/** A part of a configuration, what it is about, and above each entry of its lists where the entry was found. */
export const section = (about: string | string[], value: object, notes: readonly Notes[]): string => {
  const document = new Document(value, { aliasDuplicateObjects: false });
  for (const entry of notes) {
    const path = entry.slice(0, -1) as string[];
    const list = entry.at(-1) as readonly Noted<unknown>[];
    for (const [index, each] of list.entries()) {
      const node = document.getIn([...path, index], true);
      if (isNode(node))
        node.commentBefore = toConfirm(each.notes)
          .map((line) => ` ${commentText(line)}`)
          .join('\n');
      const patterns = document.getIn([...path, index, 'stepTypes'], true);
      if (isCollection(patterns)) patterns.flow = true;
    }
  }
  return comment([about].flat()) + document.toString({ lineWidth: 0 });
};

/** The notes on something that was found, marked as such. */
export const toConfirm = ([first = '', ...others]: readonly string[]): string[] => [
  `${TO_CONFIRM} ${first}`,
  ...others,
];

/** A section for a list; if nothing was found for it, an example as a comment. */
export const listSection = (
  name: string,
  about: string,
  list: readonly Noted<object>[],
  example: object,
): string =>
  list.length > 0
    ? section(about, { [name]: values(list) }, [[name, list]])
    : commented({ [name]: [example] }, `${about} None was found.`);

export const values = <T>(list: readonly Noted<T>[]): T[] => list.map(({ value }) => value);

/** A part of a configuration as a comment. */
export const commented = (value: object, about: string): string =>
  comment([about]) + yaml(value).replaceAll(/^(?=.)/gm, '# ');

export const yaml = (value: object): string => stringify(value, { lineWidth: 0 });

export const comment = (lines: readonly string[]): string =>
  lines.map((line) => `# ${commentText(line)}\n`).join('');

/** Anyone who can create a pipeline chooses its names, so a name must not end the comment or colour a terminal. */
const commentText = (text: string): string => visibleText(cut(text, MAX_COMMENT));
