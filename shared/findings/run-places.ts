import { parseArn } from '../domain/arn.ts';
import type { Finding } from '../domain/finding.ts';
import { counted } from '../text/counted.ts';

/**
 * Whether an account was judged in a Region. `partly-judged`: its pipelines could not be listed, or its last sweep is overdue, and
 * all else was judged.
 */
export const COVERAGES = ['judged', 'partly-judged', 'not-judged'] as const;
export type Coverage = (typeof COVERAGES)[number];

/** An account and Region that a run was about. */
export type RunPlace = {
  account: string;
  region: string;
  /** The account’s name in its organization, where that was read. */
  name?: string;
  /** The account’s place in its organization (`o-…/r-…/ou-…/`); missing where it is in none, or that is not known. */
  path?: string;
  /** The names of the organizational units in `path`, by their ids, as far as they were read. */
  unitNames?: Readonly<Record<string, string>>;
  /** Whether the account was judged in that Region; missing in results of older versions. */
  coverage?: Coverage;
  /** Why it was not judged, or only in part. */
  because?: string;
  /** How many verdicts passed in the account, listed or not, but for those on the configuration; told with its first Region. */
  passed?: number;
};

/** The part of a run that tells its accounts and Regions. */
export type RunPlaces = {
  account?: string | undefined;
  /** A Region, or several with commas. */
  region?: string | undefined;
  /** Given where there are several. */
  scopes?: readonly RunPlace[] | undefined;
};

/** The accounts and Regions of a run; none where it judged files, or does not tell them. */
export const placesOf = ({ account = '', region = '', scopes }: RunPlaces): readonly RunPlace[] =>
  scopes ?? (account === '' ? [] : region.split(', ').map((each) => ({ account, region: each })));

/** The accounts of a run, in the order of the run. */
export const accountsOf = (run: RunPlaces): string[] => [
  ...new Set(placesOf(run).map(({ account }) => account)),
];

/** The one account of a run; undefined where there are several, or none. */
const soleAccount = (run: RunPlaces): string | undefined => {
  const [first, ...others] = accountsOf(run);
  return others.length === 0 ? first : undefined;
};

/** The account in which a finding was found; undefined where nothing tells it. Not every ARN tells it, and some tell another. */
export const accountOf = (
  { account, resource }: Pick<Finding, 'account' | 'resource'>,
  run: RunPlaces,
): string | undefined => account ?? soleAccount(run) ?? (parseArn(resource.arn)?.account || undefined);

/** What names a resource in a run over several accounts: buckets of one name are told of by each account that uses them. */
export const nameInRun = (arn: string, account: string | undefined): string =>
  account === undefined || parseArn(arn)?.account ? arn : `${account} ${arn}`;

/** Why a run cannot tell anything of a finding of the run `before`: it was not about the account; undefined where it was. */
export const notAbout = (finding: Finding, before: RunPlaces, after: RunPlaces): string | undefined => {
  const places = placesOf(after);
  if (places.length === 0) return undefined;
  if (finding.resource.type === 'configuration') return notAllReached(before, places);
  const account = accountOf(finding, before);
  return account === undefined || places.some((each) => each.account === account)
    ? undefined
    : `the run was not about account ${account}`;
};

/** Why a run did not come to the Region of a finding, or not to its account; undefined where it was judged there. */
export const notReached = (
  finding: Finding,
  before: RunPlaces,
  { scopes }: RunPlaces,
): string | undefined => {
  const account = accountOf(finding, before);
  if (!scopes || account === undefined) return undefined;
  const region = parseArn(finding.resource.arn)?.region;
  const there = scopes.filter((each) => each.account === account && (!region || each.region === region));
  const [first] = there;
  if (!first) return `the run was not about account ${account} in ${region}`;
  return there.every(({ coverage }) => coverage !== undefined && coverage !== 'judged')
    ? `account ${account}${region ? ` in ${region}` : ''} could not be read: ${first.because ?? 'no reason is told'}`
    : undefined;
};

/** What is wrong with the configuration is told once for all accounts, so that all of them must have been judged again. */
const notAllReached = (before: RunPlaces, after: readonly RunPlace[]): string | undefined => {
  const judged = new Set(after.filter((each) => !isNotJudged(each)).map(({ account }) => account));
  const left = accountsOf({ scopes: placesOf(before).filter((each) => !isNotJudged(each)) });
  const missing = left.filter((account) => !judged.has(account));
  return missing.length === 0
    ? undefined
    : `the run did not judge by it in ${counted(missing.length, 'account')}, such as ${missing[0]}`;
};

/** Whether nothing was judged there. */
export const isNotJudged = ({ coverage }: Pick<RunPlace, 'coverage'>): boolean => coverage === 'not-judged';
