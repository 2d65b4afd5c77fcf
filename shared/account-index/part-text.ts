import { isObject, type Json } from '../json/json.ts';
import { AlikeEntry, alikeEntry, type Likeness, likenessOf, type Member } from './alike.ts';
import type { Entries, Entry } from './entries.ts';

/**
 * The text in which a part keeps entries: what several users or roles say alike stands in it once, with those who say it. Whoever
 * changes it raises `FORM`.
 */
export const partText = (entries: Entries): string => {
  const alike = new Map<Likeness, Member[]>();
  const others: Json[] = [];
  for (const [key, entry] of entries) {
    const found = entry instanceof AlikeEntry ? entry : alikeEntry(key, entry);
    if (!found) {
      others.push([key, entry.asOf, entry.value]);
      continue;
    }
    const members = alike.get(found.likeness);
    if (members) members.push(found.member);
    else alike.set(found.likeness, [found.member]);
  }
  return JSON.stringify([
    [...alike].map(([{ beginning, text }, members]) => [beginning, text, members]),
    others,
  ]);
};

/** The entries of such a text; undefined for one that `partText` has not written. */
export const entriesInPart = (text: string): Map<string, Entry> | undefined => {
  const parsed = parse(text);
  if (!Array.isArray(parsed) || parsed.length !== 2) return undefined;
  const [alike, others] = parsed;
  if (!Array.isArray(alike) || !Array.isArray(others)) return undefined;
  const entries = new Map<string, Entry>();
  for (const group of alike) {
    if (!Array.isArray(group)) return undefined;
    const [beginning, outline, members] = group;
    if (typeof beginning !== 'string' || typeof outline !== 'string' || !Array.isArray(members))
      return undefined;
    if (!isObject(parse(outline))) return undefined;
    const likeness = likenessOf(beginning, outline);
    for (const member of members) {
      if (!isMember(member)) return undefined;
      entries.set(beginning + member[0], new AlikeEntry(likeness, member));
    }
  }
  for (const entry of others) {
    if (!Array.isArray(entry)) return undefined;
    const [key, asOf, value] = entry;
    if (typeof key !== 'string' || typeof asOf !== 'number' || value === undefined) return undefined;
    entries.set(key, { asOf, value });
  }
  return entries;
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
