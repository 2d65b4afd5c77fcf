import type { Finding } from '../../domain/finding.ts';
import { COMMAND_SHELLS } from '../../text/shell-text.ts';
import { visibleText } from '../../text/visible-text.ts';
import { wrap } from '../../text/wrap.ts';
import type { Results } from './results.ts';
import { pageOf } from './table.ts';
import { field, findingLines, headline, isCommand, type Page } from './table-finding.ts';

/**
 * All that is known of how to mend a finding, for a person: its evidence and remedy, then each command in a line of its
 * own with nothing before it, so that it can be copied. Findings of the same cause follow with their own commands.
 */
export const toFix = (
  [first, ...others]: readonly [Finding, ...Finding[]],
  scope: Pick<Results, 'account' | 'region' | 'scopes'>,
  { width }: { width: number },
): string => {
  const page = pageOf({ ...scope, findings: [first, ...others] }, { width, color: false, isFull: true });
  const { control, title, remediation, suppression } = first;
  const head = [
    ...wrap(visibleText(`${control}  ${title}`), page.width),
    ...findingLines(first, page),
    ...(suppression ? field('accepted', `until ${suppression.expires}: ${suppression.reason}`, page, 4) : []),
    ...field('remedy', remediation.text, page, 4),
  ];
  return [
    head.join('\n'),
    ...mendingBlocks(first, page),
    ...others.flatMap((other) => [
      wrap(`The same cause: ${headline(other, page)}`, page.width).join('\n'),
      ...mendingBlocks(other, page),
    ]),
    '',
  ]
    .join('\n\n')
    .replace(/\n\n$/, '\n');
};

const mendingBlocks = (
  { remediation: { patch = '', undo, changes = '' } }: Finding,
  page: Page,
): string[] => {
  if (patch.trim() === '') return ['No command is given: what mends this is not for a command to decide.'];
  if (!isCommand(patch)) return [titled(documentTitle(patch), patch)];
  return [
    titled(`The command, for ${COMMAND_SHELLS}:`, patch),
    ...(changes === ''
      ? []
      : [wrap(visibleText(page.withShortArns(`What it changes: ${changes}`)), page.width).join('\n')]),
    ...(undo === undefined ? [] : [titled('Its undo:', undo)]),
  ];
};

const documentTitle = (patch: string): string =>
  patch.trimStart().startsWith('[{"op"')
    ? 'The change of the pipeline’s definition, as a JSON Patch (RFC 6902):'
    : 'The document to put in place:';

const titled = (title: string, text: string): string =>
  `${title}\n${text.trim().split('\n').map(visibleText).join('\n')}`;
