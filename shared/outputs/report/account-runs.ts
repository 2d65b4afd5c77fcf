import { parseArn } from '../../domain/arn.ts';
import { accountOf, accountsOf, type RunPlace } from '../../findings/run-places.ts';
import { groupBy } from '../../group-by.ts';
import { type Results, type Summary, summarise } from '../formats/results.ts';

/** A run over one account, or the part of a run that is about the account. */
export type AccountRun = Results & { key: string };

/** The key of what a run over several accounts says of the configuration, which is the same for all of them. */
const CONFIGURATION = 'configuration';

/**
 * The run as runs over one account each, so that each account is compared with itself, whatever other accounts a run was about. A
 * run over one account stays as it is.
 */
export const accountRuns = (run: Results): AccountRun[] => {
  const accounts = accountsOf(run);
  if (accounts.length <= 1) return [{ ...run, key: keyIn(run.account, run.region.split(', ')) }];
  const byAccount = groupBy(run.findings, (finding) =>
    finding.resource.type === 'configuration' ? CONFIGURATION : (accountOf(finding, run) ?? ''),
  );
  // What is not told by account is told once for all.
  const { overview, coverage, exceptions, ...rest } = run;
  const of = accounts.map((account): AccountRun => {
    const findings = byAccount.get(account) ?? [];
    const scopes = (run.scopes ?? []).filter((each) => each.account === account);
    const region = scopes.map((each) => each.region).join(', ');
    const controlsOff = run.controlsOff?.filter((off) => off.accounts?.includes(account) ?? true);
    return {
      ...rest,
      ...(controlsOff && { controlsOff }),
      account,
      region,
      scopes,
      findings,
      summary: withPassed(summarise(findings, 0), scopes[0]?.passed),
      key: keyIn(
        account,
        scopes.map((each) => each.region),
      ),
    };
  });
  const configured = byAccount.get(CONFIGURATION) ?? [];
  const passedElsewhere = of.reduce((sum, { summary }) => sum + summary.passed, 0);
  return [
    ...of,
    {
      ...rest,
      ...(overview && { overview }),
      ...(coverage && { coverage }),
      ...(exceptions && { exceptions }),
      controlsOff: [],
      account: '',
      region: '',
      findings: configured,
      summary: withPassed(summarise(configured, 0), Math.max(0, run.summary.passed - passedElsewhere)),
      key: CONFIGURATION,
    },
  ];
};

const keyIn = (account: string, regions: readonly string[]): string =>
  JSON.stringify([account, ...regions.toSorted()]);

/** The counts with so many that passed, where that is told: not all that passed is listed. */
const withPassed = (summary: Summary, passed = summary.passed): Summary => ({
  ...summary,
  passed,
  evaluated: summary.evaluated - summary.passed + passed,
});

/** What of a run later runs of the account do not cover: of a Region that they left out, what is in that Region. */
export const leftOf = (run: AccountRun, later: readonly AccountRun[]): AccountRun | undefined => {
  if (run.key === CONFIGURATION) {
    const isCovered = ({ account, region }: RunPlace) =>
      later.some((each) => each.account === account && regionsOf(each).includes(region));
    return run.scopes?.some(isCovered) ? withoutCounts(run) : run;
  }
  const known = new Set(later.filter(({ account }) => account === run.account).flatMap(regionsOf));
  const left = regionsOf(run).filter((region) => !known.has(region));
  if (run.account === '' || left.length === regionsOf(run).length) return run;
  if (left.length === 0) return undefined;
  const findings = run.findings.filter(({ resource: { arn } }) => left.includes(parseArn(arn)?.region ?? ''));
  const scopes = run.scopes?.filter(({ region }) => left.includes(region));
  return {
    ...withoutCounts(run),
    region: left.join(', '),
    ...(scopes && { scopes }),
    findings,
    summary: summarise(findings, 0),
  };
};

/**
 * Of runs over several accounts before the newest: what they except and how their controls judged, where no later run was about
 * the same accounts. The newest alone tells the rest of the configuration.
 */
export const exceptionsBefore = (parts: readonly (readonly AccountRun[])[]): AccountRun[] => {
  const ofKey = parts.find(([first]) => first?.key === CONFIGURATION) ?? [];
  const others = parts.filter((each) => each !== ofKey).flat();
  return ofKey.slice(0, -1).flatMap((run, index): AccountRun[] => {
    const later = [...ofKey.slice(index + 1), ...others.filter((each) => isLater(each, run))];
    const known = new Set(later.flatMap(placesIn));
    const own = placesIn(run);
    if (own.every((place) => known.has(place))) return [];
    const { overview: _, ...told } = own.some((place) => known.has(place)) ? withoutCounts(run) : run;
    if (!told.exceptions?.length && !told.coverage) return [];
    return [{ ...told, findings: [], summary: summarise([], 0) }];
  });
};

const isLater = (one: AccountRun, other: AccountRun): boolean =>
  Date.parse(one.generatedAt) > Date.parse(other.generatedAt);

const placesIn = (run: AccountRun): string[] =>
  (run.scopes ?? regionsOf(run).map((region) => ({ account: run.account, region }))).map(
    ({ account, region }) => `${account} ${region}`,
  );

/** The run without numbers that nobody can split: what later runs count as well would count twice. */
const withoutCounts = ({ coverage: _coverage, exceptions, ...run }: AccountRun): AccountRun => ({
  ...run,
  ...(exceptions && { exceptions: exceptions.map(({ findings: _, severity: __, ...entry }) => entry) }),
});

const regionsOf = ({ region }: AccountRun): string[] => region.split(', ');
