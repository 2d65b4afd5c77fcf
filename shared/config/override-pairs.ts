import { canonicalText } from '../json/canonical-text.ts';
import { listed } from '../text/listed.ts';
import { accountsOf } from './exceptions.ts';
import type { FileConfig } from './schema.ts';

/** What an override may have in place of the top. */
export type Part = Omit<FileConfig, 'version' | 'overrides'>;
type Override = NonNullable<FileConfig['overrides']>[number];

/**
 * A part of both configurations: the top, or the override for the same accounts. `of`: these accounts, in words. Where an override has a
 * key in one of the two alone, the other one has there what holds at the top.
 */
export type Pair = { path: string; of: string; old: Part; now: Part; isNew?: boolean };

/**
 * Overrides are compared by the accounts that they name, so that one that moves in the list is the same. For accounts that it comes to be
 * for, or is for no more, by a team, the other side is what holds at the top.
 */
export const pairsOf = (before: FileConfig, after: FileConfig): Pair[] => {
  const [old, now] = [overridesOf(before), overridesOf(after)];
  const pairs = (key: string): Pair[] => {
    const [was, is] = [old.get(key), now.get(key)];
    const override = is?.override ?? was?.override ?? {};
    const pair = (one: Part, other: Part, of: string): Pair => ({
      path: `overrides[${is?.index ?? was?.index ?? 0}]`,
      of,
      old: withTop(one, other, before),
      now: withTop(other, one, after),
      ...(is && was ? {} : { isNew: is !== undefined }),
    });
    if (!was || !is) return [pair(was?.part ?? {}, is?.part ?? {}, accountsText(override))];
    return [
      pair(was.part, is.part, accountsText(override)),
      ...(isWithin(is, was) ? [] : [pair({}, is.part, ` for those who join ${teamsText(override)}`)]),
      ...(isWithin(was, is) ? [] : [pair(was.part, {}, ` for those who leave ${teamsText(override)}`)]),
    ];
  };
  const { version: _, overrides: __, ...top } = after;
  const { version: ___, overrides: ____, ...topBefore } = before;
  return [
    { path: '', of: '', old: topBefore, now: top },
    ...[...new Set([...now.keys(), ...old.keys()])].flatMap(pairs),
  ];
};

/** Whether an override is only for accounts that another one is for, too. */
const isWithin = ({ accounts }: Placed, other: Placed): boolean => {
  const known = new Set(other.accounts);
  return accounts.every((each) => known.has(each));
};

/** Overrides replace the keys of the top, and controls one by one; suppressions they add. */
const withTop = (part: Part, other: Part, { controls, suppressions: _, ...top }: FileConfig): Part => {
  const ofTop = pick(controls ?? {}, other.controls ?? {});
  const isJudged = part.controls !== undefined || Object.keys(ofTop).length > 0;
  return { ...pick(top, other), ...part, ...(isJudged && { controls: { ...ofTop, ...part.controls } }) };
};

/** What is there under the keys that another object has. */
const pick = <T extends object>(from: T, other: object): T =>
  Object.fromEntries(Object.entries(from).filter(([key]) => Object.hasOwn(other, key))) as T;

type Placed = { index: number; override: Override; accounts: string[]; part: Part };

const overridesOf = (config: FileConfig): Map<string, Placed> => {
  const placed = new Map<string, Placed>();
  for (const [index, override] of (config.overrides ?? []).entries()) {
    const { accounts, organizationalUnits, teams, ...part } = override;
    const named = JSON.stringify([accounts, organizationalUnits, teams].map((list) => list?.toSorted()));
    let key = named;
    for (let again = 2; placed.has(key); again++) key = `${named} ${again}`;
    placed.set(key, { index, override, accounts: accountsOf(override, config), part });
  }
  return placed;
};

const accountsText = ({ accounts = [], organizationalUnits = [], teams = [] }: Partial<Override>): string =>
  ` for ${listed([...accounts, ...organizationalUnits, ...teams.map(teamText)])}`;

const teamsText = ({ teams = [] }: Partial<Override>): string => listed(teams.map(teamText));

const teamText = (name: string): string => `the team ${name}`;

/** Whether overrides that both configurations have come in another order. A later one wins, so that the order means something. */
export const isReordered = (before: FileConfig, after: FileConfig): boolean => {
  const [old, now] = [overridesOf(before), overridesOf(after)];
  const order = (one: Map<string, Placed>, other: Map<string, Placed>) =>
    canonicalText([...one.keys()].filter((key) => other.has(key)));
  return order(old, now) !== order(now, old);
};
