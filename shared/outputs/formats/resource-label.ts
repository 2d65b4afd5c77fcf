import { parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import { groupBy } from '../../group-by.ts';
import { listed } from '../../text/listed.ts';

type About = Pick<Finding, 'account' | 'resource'>;

/** The names of findings’ resources for people, in results of one account or of several. */
export type Labels = {
  /** The name, with the account and Region where there are several. */
  of: (finding: About) => string;
  /** The further resources of a cause, and `in` if all have the first one’s name, so that only their places are told. */
  others: (first: About, others: readonly About[], most: number) => { word: 'on' | 'in'; text: string };
};

/** The labels of findings. Only results of several accounts or Regions tell the account of a finding. `scopes`: those of the results. */
export const labelsOf = (findings: readonly About[], scopes: readonly { account: string }[] = []): Labels => {
  const accounts = new Set([...findings, ...scopes].flatMap(({ account }) => account ?? []));
  // What is wrong with the configuration is told of the first account, and of others where it differs there.
  const configured = new Set(
    findings.flatMap(({ account, resource }) => (resource.type === 'configuration' ? (account ?? []) : [])),
  );
  const nameOf = ({ account, resource: { type, arn } }: About): string =>
    type === 'account' && account !== undefined ? account : resourceName(arn);
  const placeOf = ({ account, resource: { type, arn } }: About): string[] => {
    if (account === undefined) return [];
    const isTold = type === 'configuration' ? configured.size > 1 : accounts.size > 1 && type !== 'account';
    const told = isTold ? account : '';
    return [told, parseArn(arn)?.region ?? ''].filter((each) => each !== '');
  };
  const named = (name: string, place: string): string => (place === '' ? name : `${name} (${place})`);
  return {
    of: (finding) => named(nameOf(finding), placeOf(finding).join(', ')),
    others: (first, others, most) => {
      const byName = groupBy(others, nameOf);
      const texts = [...byName].map(([name, of]) => ({
        name,
        places: of.map((each) => placeOf(each).join(' ')).filter((place) => place !== ''),
      }));
      const [only, ...more] = texts;
      if (only && more.length === 0 && only.name === nameOf(first) && only.places.length > 0)
        return { word: 'in', text: listed(only.places, most) };
      const all = texts.map(({ name, places }) => named(name, listed(places, most)));
      return { word: 'on', text: listed(all, most) };
    },
  };
};
