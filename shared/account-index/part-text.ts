import { isObject, type Json } from '../json/json.ts';
import { AlikeEntry, type Likely, likelyOf, likenessOf, type Member } from './alike.ts';
import type { Entries, Entry } from './entries.ts';
import { partLost } from './part-lost.ts';

/** An entry as a part tells it. Its value is read when somebody asks for it: looks ask for few of what a part tells. */
class ToldEntry implements Entry {
  readonly asOf: number;
  readonly text: string;
  #value: Json | undefined;

  constructor(asOf: number, text: string) {
    this.asOf = asOf;
    this.text = text;
  }

  /** The entry keeps the value that it reads. */
  isReadable(): boolean {
    this.#value ??= parse(this.text);
    return this.#value !== undefined;
  }

  /** Throws an error named `PART_LOST` where the part tells no JSON. */
  get value(): Json {
    if (this.#value === undefined && !this.isReadable()) throw partLost('an entry of the index is no JSON');
    return this.#value as Json;
  }
}

/** The same entries, as a part tells them. */
export const toldEntries = (entries: Entries): Map<string, Entry> =>
  new Map(
    [...entries].map(([key, entry]) => [
      key,
      entry instanceof ToldEntry || entry instanceof AlikeEntry
        ? entry
        : new ToldEntry(entry.asOf, JSON.stringify(entry.value)),
    ]),
  );

const LINE = '\n';
const TAB = '\t';
/** The beginning of a line that tells a likeness and its members. */
const ALIKE = 'alike';

/**
 * The text in which a part keeps entries, a line for each, with JSON that is parsed by itself. What several users or roles say alike
 * has one line, with those who say it. Whoever changes the form raises `FORM`.
 */
export const partText = (entries: Entries): string => {
  const lines: string[] = [];
  const alike = new Map<string, { key: string; entry: Entry; likely: Likely }[]>();
  for (const [key, entry] of entries) {
    const likely = likelyOf(key, entry);
    if (!likely) {
      lines.push(lineOf(key, entry));
      continue;
    }
    const group = `${likely.beginning} ${likely.text}`;
    const members = alike.get(group);
    if (members) members.push({ key, entry, likely });
    else alike.set(group, [{ key, entry, likely }]);
  }
  for (const members of alike.values()) lines.push(...linesOf(members));
  return lines.join(LINE);
};

const linesOf = (members: readonly { key: string; entry: Entry; likely: Likely }[]): string[] => {
  const [one, ...others] = members;
  if (!one || others.length === 0) return members.map(({ key, entry }) => lineOf(key, entry));
  const { beginning, text } = one.likely;
  const told = [beginning, text, members.map(({ likely }) => likely.member)];
  return [[ALIKE, JSON.stringify(told)].join(TAB)];
};

const lineOf = (key: string, entry: Entry): string =>
  [
    entry.asOf,
    JSON.stringify(key),
    entry instanceof ToldEntry ? entry.text : JSON.stringify(entry.value),
  ].join(TAB);

/**
 * The entries of such a text; undefined for one that `partText` has not written. What an earlier version of the part, which is `known`,
 * says too is the same entry, whose value need not be read again.
 */
export const entriesInPart = (text: string, known?: Entries): Map<string, Entry> | undefined => {
  const entries = new Map<string, Entry>();
  if (text === '') return entries;
  for (const line of text.split(LINE)) if (!addLine(line, entries, known)) return undefined;
  return entries;
};

const addLine = (line: string, entries: Map<string, Entry>, known: Entries | undefined): boolean => {
  const start = line.indexOf(TAB);
  if (line.slice(0, start) === ALIKE) return addAlike(parse(line.slice(start + 1)), entries, known);
  const end = line.indexOf(TAB, start + 1);
  const asOf = Number(line.slice(0, Math.max(start, 0)));
  const key = parse(line.slice(start + 1, Math.max(end, 0)));
  if (start < 1 || end < 0 || Number.isNaN(asOf) || typeof key !== 'string') return false;
  const value = line.slice(end + 1);
  const before = known?.get(key);
  const isKnown = before instanceof ToldEntry && before.asOf === asOf && before.text === value;
  entries.set(key, isKnown ? before : new ToldEntry(asOf, known ? ownText(value) : value));
  return true;
};

/** The text without the one of which it is a part: an entry that stays would keep all that its part said in that version. */
const ownText = (part: string): string => Buffer.from(part).toString();

const addAlike = (
  told: Json | undefined,
  entries: Map<string, Entry>,
  known: Entries | undefined,
): boolean => {
  if (!Array.isArray(told)) return false;
  const [beginning, outline, members] = told;
  if (typeof beginning !== 'string' || typeof outline !== 'string' || !Array.isArray(members)) return false;
  if (!isObject(parse(outline))) return false;
  const likeness = likenessOf(beginning, outline);
  for (const member of members) {
    if (!isMember(member)) return false;
    const key = beginning + member[0];
    const entry = new AlikeEntry(likeness, member);
    const before = known?.get(key);
    entries.set(key, before?.asOf === entry.asOf && isSameEntry(before, entry) ? before : entry);
  }
  return true;
};

const isMember = (told: Json): told is [string, number, ...Json[]] =>
  Array.isArray(told) && typeof told[0] === 'string' && typeof told[1] === 'number';

const parse = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};

/** The entries, if the values of those that are asked for can be read. What is alike was held against its form with the part. */
export const readable = <T extends Entries>(
  entries: T,
  isAsked: (key: string) => boolean = () => true,
): T | undefined => {
  for (const [key, entry] of entries)
    if (entry instanceof ToldEntry && isAsked(key) && !entry.isReadable()) return undefined;
  return entries;
};

/** Whether two entries of one key tell the same, as far as that is seen without reading their values. */
export const isSameEntry = (one: Entry | undefined, other: Entry | undefined): boolean => {
  if (one === other) return true;
  if (one instanceof ToldEntry && other instanceof ToldEntry) return one.text === other.text;
  if (one instanceof AlikeEntry && other instanceof AlikeEntry)
    return one.likeness === other.likeness && isSameMember(one.member, other.member);
  return one?.value === other?.value;
};

/** When AWS was asked makes no difference. */
const isSameMember = ([end, , ...own]: Member, [otherEnd, , ...otherOwn]: Member): boolean =>
  end === otherEnd && JSON.stringify(own) === JSON.stringify(otherOwn);

/** Whether both tell the same of the same things, as far as that is seen without reading the values. */
export const isUnchanged = (one: Entries, other: Entries): boolean => {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [key, entry] of one) if (!isSameEntry(entry, other.get(key))) return false;
  return true;
};
