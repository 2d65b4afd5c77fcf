import { basename } from 'node:path';
import type { Command } from 'commander';
import { refuseOtherEnding } from './asked-outputs.ts';
import { appliedConfig, configOfFiles, configurationText } from './config.ts';
import { readDefinitionFile } from './definition-file.ts';
import { LINT_CONTROLS, lint } from './lint.ts';
import { prepareFiles, writeText } from './output.ts';
import { progressOn } from './progress.ts';

type Options = { output?: string; account?: string; config?: string };

/** Adds the command `graph`, which draws a pipeline. */
export const addGraph = (program: Command): void => {
  program
    .command('graph')
    .description('draw a pipeline as SVG: its steps with roles, prefixes, data and the findings of lint')
    .argument('<file>', 'a pipeline definition, or the output of `aws sagemaker describe-pipeline`')
    .option('-o, --output <file>', 'the output file (default: stdout)')
    .option('--account <account>', 'the account that the pipeline is for, as lint takes it')
    .option('--config <file>', 'the configuration (default: pipewarden.yaml, if it exists)')
    .addHelpText('after', '\nExample:\n  pipewarden graph pipeline.json -o pipeline.svg')
    .action(async (file: string, { output, account, config: configFile }: Options) => {
      refuseOtherEnding(output, '.svg');
      const [{ toSvg }, { pictureOf }] = await Promise.all([
        import('../shared/outputs/graph/graph.tsx'),
        import('../shared/outputs/graph/picture.ts'),
      ]);
      const applied = configOfFiles(await appliedConfig(configFile, [file]), account);
      progressOn(process.stderr, false).say(configurationText(applied, LINT_CONTROLS));
      await prepareFiles([output]);
      const read = await readDefinitionFile(file);
      const { path, pipeline, definition } = read;
      const findings = lint([read], applied).filter(({ resource }) => resource.arn === path);
      const { name = basename(file).replace(/\.json$/, ''), roleArn } = pipeline;
      const source = { name, definition, ...(roleArn === undefined ? {} : { roleArn }) };
      await writeText(toSvg(pictureOf(source, findings)), output);
    });
};
