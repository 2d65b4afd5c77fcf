import type { Command } from 'commander';
import { describedControl } from '../shared/controls/texts.ts';
import { refuseOtherEnding } from './asked-outputs.ts';
import { snapshotReader } from './audit.ts';
import { type ComplianceOptions, complianceIn, newestRuns, withCompliance } from './compliance.ts';
import { configOf } from './config.ts';
import { prepareFiles, writeText } from './output.ts';
import { readResultsFiles } from './results-file.ts';

type Options = ComplianceOptions & {
  in: string[];
  output?: string;
  snapshot?: string;
  config?: string;
  title?: string;
};

/** Adds the command `report`, which makes the HTML report over several runs. */
export const addReport = (program: Command): void => {
  withCompliance(
    program
      .command('report')
      .description('make the HTML report over the results of one or more runs, with changes and the trend'),
  )
    .requiredOption(
      '--in <files...>',
      'results that --format json wrote, in any order, also of several accounts',
    )
    .option('-o, --output <file>', 'the output file (default: stdout)')
    .option('--snapshot <dir>', 'a snapshot folder, for pictures of the pipelines and excerpts of policies')
    .option('--config <file>', 'the configuration, whose prefixes tell the teams (default: pipewarden.yaml)')
    .option('--title <text>', 'the heading of the page')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden report --in results/*.json -o report.html
  pipewarden report --in results.json --snapshot examples/account -o report.html
  pipewarden report --in results.json --compliance nist-800-53 -o report.html`,
    )
    .action(
      async ({ in: files, output, snapshot, config: configFile, title, compliance: asked }: Options) => {
        const [{ toHtml }, { readSources }] = await Promise.all([
          import('../shared/outputs/report/report.tsx'),
          import('../shared/outputs/report/sources.ts'),
        ]);
        refuseOtherEnding(output, '.html');
        const { config } = await configOf(configFile);
        await prepareFiles([output]);
        const [first, ...others] = await readResultsFiles(files);
        const runs = [first, ...others];
        const findings = runs.flatMap((run) => run.findings);
        const sources =
          snapshot === undefined ? undefined : await readSources(await snapshotReader(snapshot), findings);
        const compliance = asked && (await complianceIn(newestRuns(runs), { compliance: asked }));
        const page = toHtml(first, {
          controls: describedControl,
          others,
          config,
          ...(title === undefined ? {} : { title }),
          ...(sources && { sources }),
          ...(compliance && { compliance }),
        });
        await writeText(page, output);
      },
    );
};
