import { unpack } from './packed.ts';

// several accounts
/** One of the findings of a line, which has its own account and team, in the page of several accounts. */
export type Member = {
  account: string;
  units: readonly string[];
  team: string;
  isNew: boolean;
  anchor: string;
};
// end of several accounts

/** A finding’s line in the page, with the values for the filters. */
export type Row = {
  element: HTMLDetailsElement;
  details: HTMLElement;
  severity: string;
  status: string;
  control: string;
  title: string;
  account: string;
  pipeline: string;
  isNew: boolean;
  /** It has the cause of the row before it. */
  isFollowing: boolean;
  /** The text that the search looks through, in lower case. */
  text: string;
  // several accounts
  /** In the page of several accounts: the findings of the line. */
  members?: Member[];
  // end of several accounts
};

/** The findings of one control under one heading. */
export type RowGroup = { element: HTMLElement; rows: Row[]; more: HTMLButtonElement };

export const all = <T extends Element>(selector: string, within: ParentNode = document): T[] => [
  ...within.querySelectorAll<T>(selector),
];

const textOf = (element: Element | null | undefined): string => element?.textContent ?? '';

/** The values of a filter’s options. Lines refer to them by their index. */
const valuesOf = (id: string): string[] =>
  all<HTMLOptionElement>(`#${id} option`)
    .map(({ value }) => value)
    .slice(1);

/** All groups of findings in the page, each with a button that shows more of them. */
export const readGroups = (): RowGroup[] => {
  const [accounts, pipelines] = [valuesOf('account'), valuesOf('pipeline')];
  return all<HTMLElement>('section.findings article').map((element) => {
    const control = element.dataset.control ?? '';
    const title = textOf(element.querySelector('h3 bdi'));
    const severity = element.closest('section')?.dataset.severity ?? '';
    const more = document.createElement('button');
    more.type = 'button';
    more.className = 'more';
    element.append(more);
    const rows = all<HTMLDetailsElement>(':scope > details', element).flatMap((row): Row[] => {
      const details = row.querySelector<HTMLElement>(':scope > div');
      if (!details) return [];
      const { a, p, s } = row.dataset;
      return [
        {
          element: row,
          details,
          severity: s ?? severity,
          status: textOf(row.querySelector('summary b[class]:not(.label)')) || (element.dataset.status ?? ''),
          control,
          title,
          account: (a === undefined ? document.body.dataset.account : accounts[Number(a)]) ?? '',
          pipeline: (p === undefined ? undefined : pipelines[Number(p)]) ?? '',
          isNew: row.querySelector('summary i') !== null,
          isFollowing: row.dataset.c !== undefined,
          text: `${control} ${title} ${textOf(row)}`.toLowerCase(),
        },
      ];
    });
    return { element, rows, more };
  });
};

/** Puts the details into a line that has none yet. */
export const fill = async ({ details }: Row): Promise<void> => {
  if (details.firstChild) return;
  const html = (await unpack())[details.id];
  if (html !== undefined && !details.firstChild) details.innerHTML = html;
};

/** Puts all details into the page, for the search, the CSV and printing. */
export const fillAll = async (groups: readonly RowGroup[]): Promise<void> => {
  const packed = await unpack();
  for (const { rows } of groups)
    for (const row of rows) {
      const html = packed[row.details.id];
      if (html === undefined || row.details.firstChild) continue;
      row.details.innerHTML = html;
      row.text += ` ${textOf(row.details).toLowerCase()}`;
    }
};
