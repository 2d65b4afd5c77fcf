import type { JSX } from 'preact';
import type { Severity, Status } from '../../domain/finding.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';

const LONGEST_VALUE = 800;

/** Text from outside, isolated so that right-to-left names do not change the order of the text around them. */
export const Text = ({ children }: { children: string }) => <bdi>{visibleText(children)}</bdi>;

/** The longest name in a line. The details of a finding show longer names in full. */
export const LONGEST_NAME = 200;

/** A name in a line, cut so that the line can be read at a glance. */
export const Name = ({ children: name }: { children: string }) => <Text>{cut(name, LONGEST_NAME)}</Text>;

/** The lines of a text, with invisible characters shown. */
export const visibleLines = (text: string): string =>
  text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => visibleText(line.replaceAll('\t', '  ')))
    .join('\n');

/** A long text is folded, but present in full. */
export const LongText = ({ children: text }: { children: string }): JSX.Element => {
  const characters = text.length > LONGEST_VALUE ? [...text] : [];
  if (characters.length <= LONGEST_VALUE) return <bdi>{visibleLines(text)}</bdi>;
  return (
    <details>
      <summary>
        <bdi>{visibleText(cut(text, 121))}</bdi> ({characters.length} characters)
      </summary>
      <bdi>{visibleLines(text)}</bdi>
    </details>
  );
};

export const capitalised = (label: string): string =>
  label.charAt(0) + label.slice(1).toLowerCase().replace('_', ' ');

export const SeverityLabel = ({ severity }: { severity: Severity }) => (
  <b class={`label ${severity.toLowerCase()}`}>{capitalised(severity)}</b>
);

export const StatusLabel = ({ status, count }: { status: Status; count?: number }) => (
  <b class={status.toLowerCase()}>
    {count === undefined ? capitalised(status) : `${count} ${capitalised(status).toLowerCase()}`}
  </b>
);

export const readableTime = (iso: string): string =>
  visibleText(iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, '$1 $2 UTC'));

export const readableDay = (iso: string): string => visibleText(iso.slice(0, 10));

/** Whole days between two times; undefined where one of them is not a time. */
export const daysBetween = (from: string, to: string): number | undefined => {
  const days = Math.floor((Date.parse(to) - Date.parse(from)) / 86_400_000);
  return Number.isNaN(days) ? undefined : days;
};

export const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

/** ` (12 days)`; '' where less than a day lies between the times, or one is not a time. */
export const ageText = (from: string, to: string): string => {
  const days = daysBetween(from, to) ?? 0;
  return days > 0 ? ` (${counted(days, 'day')})` : '';
};
