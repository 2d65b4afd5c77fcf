import { gzipSync } from 'node:zlib';
import { renderToString } from 'preact-render-to-string';
import { Details } from './details.tsx';
import { sharedOf } from './findings.tsx';
import type { ReportFinding, SectionContent } from './report-findings.ts';
import type { Sources } from './sources.ts';

/** Details that stand in the page as they are, by anchor, and all others packed: base64 of gzip of a JSON object. */
export type Written = { inline: ReadonlyMap<string, string>; packed: string | undefined };

/** The page is to be quick to open and to fit into a mail: its size in bytes, as far as details are the reason for it. */
const PAGE_SIZE = 270_000;
/** What the page needs beside the findings, and what each finding's line and packed details come to. */
const FRAME_SIZE = 70_000;
const LINE_SIZE = 210;
const LEAST_INLINE = 12_000;

/**
 * The details of all findings. In a large page the first of each control stand there as they are, and then others as long
 * as there is room; the rest is packed, for the page's script to unpack.
 */
export const writeDetails = (
  sections: readonly SectionContent[],
  { sources, now }: { sources: Sources; now: string },
): Written => {
  const groups = sections.flatMap(({ groups: of }) =>
    of.map((group) => ({ entries: group.entries, shared: sharedOf(group) })),
  );
  const written = groups.flatMap(({ entries, shared }) =>
    entries.map((entry, place) => ({
      anchor: entry.anchor,
      place,
      html: renderToString(<Details entry={entry} shared={shared} sources={sources} now={now} />),
    })),
  );
  const room = Math.max(LEAST_INLINE, PAGE_SIZE - FRAME_SIZE - LINE_SIZE * written.length);
  const inline = new Map<string, string>();
  const rest: Record<string, string> = {};
  let used = 0;
  for (const { anchor, html } of written.toSorted((one, other) => one.place - other.place)) {
    const size = Buffer.byteLength(html);
    if (used + size <= room) {
      inline.set(anchor, html);
      used += size;
    } else rest[anchor] = html;
  }
  const isAll = Object.keys(rest).length === 0;
  return {
    inline,
    packed: isAll ? undefined : gzipSync(JSON.stringify(rest), { level: 9 }).toString('base64'),
  };
};

/** The account's and the pipeline's names that the filters offer. */
export const namesOf = (
  entries: readonly ReportFinding[],
  nameOf: (entry: ReportFinding) => string | undefined,
): string[] => [...new Set(entries.flatMap((entry) => nameOf(entry) ?? []))].toSorted();
