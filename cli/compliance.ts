import { type Command, Option } from 'commander';
import { placesOf } from '../shared/findings/run-places.ts';
import { FRAMEWORK_IDS, type FrameworkId } from '../shared/frameworks/ids.ts';
import type { Compliance } from '../shared/outputs/formats/compliance-outcome.ts';
import type { Results } from '../shared/outputs/formats/results.ts';
import { listed } from '../shared/text/listed.ts';
import { UsageError } from './errors.ts';
import type { Selection } from './selection.ts';

export type ComplianceOptions = { compliance?: FrameworkId };

/** Adds the option that asks for the view of a framework. */
export const withCompliance = (command: Command): Command =>
  command.addOption(
    new Option(
      '--compliance <framework>',
      'what the run shows of the requirements of this framework (docs/frameworks.md)',
    ).choices(FRAMEWORK_IDS),
  );

/**
 * Refuses the view where findings are left out: a requirement would look better than it is.
 * @throws {UsageError}
 */
export const checkCompliance = (
  { compliance }: ComplianceOptions,
  { told: { resources, team, severity } }: Pick<Selection, 'told'>,
): void => {
  if (compliance !== undefined && (resources ?? team ?? severity) !== undefined)
    throw new UsageError(
      '--compliance tells of all that the run judges: leave out --resource, --team and --severity',
    );
};

/** What runs show of a framework together; undefined where none is asked for. */
export const complianceIn = async (
  runs: readonly Results[],
  { compliance }: ComplianceOptions,
): Promise<Compliance | undefined> => {
  if (compliance === undefined) return undefined;
  const [{ complianceOf }, { frameworkOf }] = await Promise.all([
    import('../shared/outputs/formats/compliance.ts'),
    import('../shared/frameworks/frameworks.ts'),
  ]);
  return complianceOf(frameworkOf(compliance), runs);
};

/**
 * The newest run of each set of accounts and Regions.
 * @throws {UsageError} if two of these share an account and Region: the older one would speak for what the newer one found.
 */
export const newestRuns = (runs: readonly Results[]): Results[] => {
  const keysOf = (run: Results) => placesOf(run).map(({ account, region }) => `${account} ${region}`);
  const newest = new Map<string, Results>();
  for (const run of runs.toSorted(
    (one, other) => Date.parse(one.generatedAt) - Date.parse(other.generatedAt),
  ))
    newest.set(keysOf(run).toSorted().join(), run);
  const all = [...newest.values()].flatMap(keysOf);
  const twice = [...new Set(all.filter((key, index) => all.indexOf(key) !== index))];
  if (twice.length > 0)
    throw new UsageError(
      `--compliance: several runs are about ${listed(twice)}, and about other accounts or Regions each: give runs that do not overlap`,
    );
  return [...newest.values()];
};
