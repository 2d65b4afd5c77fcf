import { isNotJudged, type RunPlace } from '../../findings/run-places.ts';
import { groupBy } from '../../group-by.ts';
import { counted } from '../../text/counted.ts';
import { listed } from '../../text/listed.ts';

/** An account with the Regions in which it was not judged, or not fully; `regions` is empty where that is so in all its Regions. */
export type LeftAccount = { account: string; name?: string; regions: string[] };

/** What was not judged for one reason. `isPart`: only a part of what is in a Region is not known. */
export type LeftOpen = { because: string; isPart: boolean; accounts: LeftAccount[] };

/** What a run did not judge, or only in part, by reason; the reason of most accounts first. */
export const leftOpen = (scopes: readonly RunPlace[]): LeftOpen[] => {
  const open = scopes.filter(({ coverage = 'judged' }) => coverage !== 'judged');
  const all = groupBy(scopes, ({ account }) => account);
  const groups = groupBy(open, (each) => JSON.stringify([isNotJudged(each), reasonOf(each)]));
  return [...groups.values()]
    .flatMap(([first, ...others]): LeftOpen[] => {
      if (!first) return [];
      const byAccount = groupBy([first, ...others], ({ account }) => account);
      const accounts = [...byAccount].map(([account, of]): LeftAccount => {
        const isEverywhere = of.length === all.get(account)?.length;
        const name = of.find((each) => each.name !== undefined)?.name;
        return {
          account,
          ...(name !== undefined && { name }),
          regions: isEverywhere ? [] : of.map(({ region }) => region),
        };
      });
      return [{ because: reasonOf(first), isPart: !isNotJudged(first), accounts }];
    })
    .toSorted((one, other) => other.accounts.length - one.accounts.length);
};

/** The reason without the account’s own number, so that one reason of many accounts is one. */
const reasonOf = ({ account, because = 'no reason is told' }: RunPlace): string =>
  because.replaceAll(account, '${account}');

const MOST = 5;

/** How many accounts were judged, and which were not and why, as a text; undefined where there is one account and Region, or an older version made the results. */
export const coverageText = (scopes: readonly RunPlace[] = []): string | undefined => {
  if (!scopes.some(({ coverage }) => coverage !== undefined)) return undefined;
  const accounts = groupBy(scopes, ({ account }) => account);
  const judged = [...accounts.values()].filter((of) => !of.every(isNotJudged));
  const open = leftOpen(scopes).map(({ because, isPart, accounts: of }) => {
    const names = of.map(({ account, name, regions }) =>
      [...(name === undefined ? [] : [name]), account, ...regions].join(' '),
    );
    return `${listed(names, MOST)}${isPart ? ' in part' : ''} (${because})`;
  });
  const left = open.length === 0 ? '' : `; not judged: ${open.join('; ')}`;
  return `${judged.length} of ${counted(accounts.size, 'account')} judged, in ${counted(new Set(scopes.map(({ region }) => region)).size, 'Region')}${left}`;
};
