import { gzipSync } from 'node:zlib';
import { renderToString } from 'preact-render-to-string';
import { Details } from './details.tsx';
import { sharedOf } from './findings.tsx';
import { linesOf, type ReportFinding, type SectionContent } from './report-findings.ts';
import type { Sources } from './sources.ts';

/** Details written into the page as HTML, by anchor, and all others packed: base64 of gzip of a JSON object. */
export type Written = { inline: ReadonlyMap<string, string>; packed: string | undefined };

/**
 * The size that the page should not exceed because of details, in bytes, so that it opens quickly and fits into a mail.
 */
const PAGE_SIZE = 270_000;
/** The size of the page without findings, and of each finding’s line with its packed details. */
const FRAME_SIZE = 70_000;
const LINE_SIZE = 210;
const LEAST_INLINE = 12_000;

/**
 * The details of all findings. In a large page the first finding of each control has its details in the page, then
 * others while there is room. The rest is packed, and the page’s script unpacks it.
 */
export const writeDetails = (
  sections: readonly SectionContent[],
  { sources, now, isOfSeveral }: { sources: Sources; now: string; isOfSeveral: boolean },
): Written => {
  const groups = sections.flatMap(({ groups: of }) =>
    of.map((group) => ({ entries: group.entries, shared: sharedOf(group) })),
  );
  const written = groups.flatMap(({ entries, shared }) =>
    linesOf(entries, isOfSeveral).map(([entry, ...others], place) => ({
      anchor: entry.anchor,
      place,
      html: renderToString(
        <Details entry={entry} others={others} shared={shared} sources={sources} now={now} />,
      ),
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

/** The accounts or pipelines that the filters offer. */
export const namesOf = (
  entries: readonly ReportFinding[],
  nameOf: (entry: ReportFinding) => string | undefined,
): string[] => [...new Set(entries.flatMap((entry) => nameOf(entry) ?? []))].toSorted();
