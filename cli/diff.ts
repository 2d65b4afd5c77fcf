import type { Command } from 'commander';
import { compareRuns, isWorse } from '../shared/findings/compare-runs.ts';
import { isAllOlder } from '../shared/findings/evidence-time.ts';
import { placesOf } from '../shared/findings/run-places.ts';
import { toDiffJson, toDiffTable } from '../shared/outputs/formats/diff.ts';
import type { Results } from '../shared/outputs/formats/results.ts';
import { notToldBy } from '../shared/outputs/formats/results-schema.ts';
import { listed } from '../shared/text/listed.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { formatOption, tableOrJson } from './asked-outputs.ts';
import { UsageError } from './errors.ts';
import { exitStatus, failOnOption, type Threshold } from './exit-status.ts';
import { prepareFiles, writeText } from './output.ts';
import { progressOn } from './progress.ts';
import { readResultsFile } from './results-file.ts';

type Options = { format?: 'table' | 'json'; output?: string; failOn: Threshold; color: boolean };

/** Adds the command `diff`: what became of the findings from one run to another. */
export const addDiff = (program: Command): void => {
  program
    .command('diff')
    .description('compare two runs: what is new, mended, changed and still open')
    .argument('<old>', 'results that --format json wrote')
    .argument('<new>', 'results of the same account and Region, or of some of the same accounts')
    .addOption(formatOption('table'))
    .option('-o, --output <file>', 'the output file (default: stdout)')
    .addOption(
      failOnOption(
        'exit with 1 if a new or worse finding, or one not looked at before, has at least this severity',
      ),
    )
    .option('--no-color', 'no colours')
    .addHelpText(
      'after',
      `
Example:
  pipewarden diff main.json branch.json --fail-on medium

Exit status: 0, 1 something new or worse at or above --fail-on, 2 wrong usage or unreadable input,
3 something could be read before and now cannot, or is open and not judged any more.`,
    )
    .action(async (oldFile: string, newFile: string, options: Options) => {
      const { output, failOn, color } = options;
      await prepareFiles([output]);
      const [before, after] = [await readResultsFile(oldFile), await readResultsFile(newFile)];
      if (!isComparable(before, after))
        throw new UsageError(
          `${oldFile} is about ${placeOf(before)}, and ${newFile} about ${placeOf(after)}`,
        );
      const say = progressOn(process.stderr, false).say;
      for (const [file, one, other] of [
        [oldFile, before, after],
        [newFile, after, before],
      ] as const) {
        const alone = placesOnlyIn(one, other);
        if (alone.length > 0) say(`only ${visibleText(file)} is about ${listed(alone, 5)}`);
      }
      const comparison = compareRuns(before, after);
      const notTold = [
        ...notToldIn(oldFile, before),
        ...notToldIn(newFile, after),
        ...(isAllOlder(after.findings, before.findings)
          ? [`the evidence of ${newFile} is older than that of ${oldFile}`]
          : []),
      ];
      for (const text of notTold) say(visibleText(text));
      const times = { before: before.generatedAt, after: after.generatedAt, notTold };
      const hasColor =
        color && output === undefined && !process.env.NO_COLOR && process.stdout.isTTY === true;
      const text =
        tableOrJson(options, 'table') === 'json'
          ? toDiffJson(comparison, times)
          : toDiffTable(comparison, times, {
              color: hasColor,
              scopes: [...placesOf(before), ...placesOf(after)],
            });
      await writeText(text, output);
      const first = comparison.firstSeen.map(({ finding }) => finding);
      const worse = comparison.changed.filter(isWorse).map((pair) => pair.after);
      const status = exitStatus(
        { ...after, findings: [...comparison.added, ...first, ...worse] },
        { failOn, unread: 'fail' },
      );
      const isUnknown = comparison.unread.length + comparison.notJudged.length > 0;
      process.exitCode = status === 0 && isUnknown ? 3 : status;
    });
};

/** What results of an older version do not say, so that nobody takes the silence for a whole run. */
const notToldIn = (file: string, results: Results): string[] => {
  const what = notToldBy(results);
  return what.length === 0
    ? []
    : [`${file} is of version ${results.schemaVersion}, which does not say ${what.join(', ')}`];
};

/** Whether two runs have an account and Region in common, or both judged files. */
const isComparable = (before: Results, after: Results): boolean =>
  before.scopes || after.scopes
    ? namesIn(before).some((name) => namesIn(after).includes(name))
    : before.account === after.account && before.region === after.region;

const namesIn = (run: Results): string[] =>
  placesOf(run).map(({ account, region }) => `${account} in ${region}`);

/** The accounts and Regions that one run was about, and the other not. */
const placesOnlyIn = (one: Results, other: Results): string[] => {
  const others = new Set(namesIn(other));
  return namesIn(one).filter((name) => !others.has(name));
};

const placeOf = ({ account, region }: Pick<Results, 'account' | 'region'>): string =>
  account === '' ? 'no account, but files (lint)' : `account ${account} in ${region}`;
