import * as z from 'zod/mini';
import { CONTROLS } from '../shared/controls/index.ts';
import type { Declare } from '../shared/declared/declared.ts';
import { placedAt } from '../shared/outputs/places/evidence-places.ts';
import { auditDeclared, nameAndValue } from './audit-declared.ts';
import { type AuditInputOptions, scopesOf } from './audit-input.ts';
import { auditRun } from './audit-run.ts';
import { configOfFiles, configurationText } from './config.ts';
import { declaredByPlan, declaredByTemplates } from './declared-sources.ts';
import { FILE_SCOPE, namedPipeline } from './definition-file.ts';
import { searchDefinitions } from './definition-folder.ts';
import { UsageError } from './errors.ts';
import { LINT_CONTROLS, lintRun, readDefinitions } from './lint.ts';
import { type Answer, resultsAnswer } from './mcp-answer.ts';
import {
  configInRoot,
  configuration,
  defineTool,
  noted,
  type Selected,
  selection,
  text,
  texts,
} from './mcp-tool.ts';
import { pathInRoot } from './root-folder.ts';
import { resultsOfRun } from './run-results.ts';
import { selectionOf } from './selection.ts';
import { readTemplateFiles } from './template-files.ts';

export const lintTool = defineTool({
  name: 'lint',
  title: 'Judge pipeline definitions in files',
  description:
    'Judges SageMaker pipeline definitions (JSON files, or folders of them), before they are uploaded. Answers with results as `pipewarden lint --format json` writes them.',
  input: z.strictObject({
    files: texts('Definitions, or folders that are searched for them, from the root'),
    pipelineName: z.exactOptional(text('The pipeline that the definition is for', 256)),
    account: z.exactOptional(
      text('The account that the definitions are for, or its path in the organization'),
    ),
    config: configuration,
    ...selection,
  }),
  answer: async ({ files, pipelineName, account, config, ...selected }, root) => {
    const startedAt = new Date();
    const named = await Promise.all(files.map((file) => pathInRoot(root, file)));
    const { paths, remarks } = await searchDefinitions(named);
    const applied = await configInRoot(root, config, paths);
    const definitions = namedPipeline(await readDefinitions(paths), pipelineName);
    const judging = configOfFiles(applied, account);
    const chosen = selectionOf(selected, LINT_CONTROLS, applied.config, {
      own: judging.config,
      isOfFiles: true,
      pipelineIn: () => undefined,
    });
    const judged = {
      ...lintRun(definitions, judging, chosen.controls),
      by: { command: 'lint' as const, startedAt },
    };
    const { listed } = resultsOfRun(judged, [FILE_SCOPE], chosen, applied);
    const notes = [...remarks, configurationText(judging, chosen.controls), ...chosen.texts];
    return resultsAnswer(listed, { ...selected, notes });
  },
});

const auditAnswer = async (
  source: AuditInputOptions,
  { config, ...selected }: Selected,
  root: string,
): Promise<Answer> => {
  const applied = await configInRoot(root, config);
  selectionOf(selected, CONTROLS, applied.config); // refuses wrong names before anything is read
  const { notes, progress } = noted();
  const run = await auditRun({ ...source, ...selected }, applied, progress);
  const { listed } = resultsOfRun(run.judged, scopesOf(run.input), run.selection, applied);
  return resultsAnswer(listed, { ...selected, notes: [...notes, ...run.selection.texts] });
};

export const auditSnapshotTool = defineTool({
  name: 'audit_snapshot',
  title: 'Audit a snapshot folder',
  description:
    'Audits an account by a snapshot folder, which `pipewarden snapshot` has written. Answers with results as `pipewarden audit --format json` writes them.',
  input: z.strictObject({ snapshot: text('The folder, from the root'), config: configuration, ...selection }),
  answer: async ({ snapshot, ...selected }, root) =>
    auditAnswer({ snapshot: [await pathInRoot(root, snapshot)] }, selected, root),
});

export const auditLiveTool = defineTool({
  name: 'audit_live',
  title: 'Audit the account of the credentials, live',
  description:
    'Calls AWS: reads the account and Region of the credentials that the server was started with, and audits it. Changes nothing there.',
  input: z.strictObject({ config: configuration, ...selection }),
  isLive: true,
  answer: (selected, root) => auditAnswer({ live: true }, selected, root),
});

const parameters = z.exactOptional(
  z
    .array(z.string().check(z.maxLength(4096), z.regex(/^[^=]+=/)))
    .check(
      z.maxLength(100),
      z.describe('Values that only the deployment gives, as NAME=VALUE, such as AWS::AccountId=111122223333'),
    ),
);

const beside = z.exactOptional(
  text(
    'A snapshot folder of the account that it is deployed to, from the root, which tells what is not declared',
  ),
);

/** What is declared, judged; `files` are those that the nearest configuration is looked for from. */
const declaredAnswer = async (
  declare: Declare,
  {
    snapshot,
    parameters: given = [],
    config,
    ...selected
  }: Selected & { snapshot?: string; parameters?: string[] },
  { root, files }: { root: string; files: readonly string[] },
): Promise<Answer> => {
  const applied = await configInRoot(root, config, files);
  const chosen = selectionOf(selected, CONTROLS, applied.config);
  const { notes, progress } = noted();
  const options = {
    ...(snapshot !== undefined && { snapshot: [await pathInRoot(root, snapshot)] }),
    parameter: new Map(given.map(nameAndValue)),
  };
  const { controls } = chosen;
  const { judged, scopes, placeOf } = await auditDeclared(options, declare, applied, { controls }, progress);
  const { listed } = resultsOfRun(judged, scopes, chosen, applied);
  const findings = listed.findings.map((finding) => {
    const place = placeOf(finding);
    return {
      ...finding,
      evidence: finding.evidence.map((each) => ({ ...each, at: placedAt(each.at, place) })),
    };
  });
  return resultsAnswer({ ...listed, findings }, { ...selected, notes: [...notes, ...chosen.texts] });
};

/** The templates that CloudFormation takes are smaller. */
const MAX_TEMPLATE = 1_048_576;

export const auditTemplateTool = defineTool({
  name: 'audit_template',
  title: 'Audit CloudFormation templates before they are deployed',
  description:
    'Judges what CloudFormation or SAM templates, or the cdk.out folder of the CDK, declare, as if it were deployed: give files, or one template as text. Answers with results as `pipewarden audit --template --format json` writes them, with line and column of evidence. What hangs on values that only the deployment gives is NOT_AVAILABLE.',
  input: z.strictObject({
    files: z.exactOptional(texts('Templates, or folders that cdk synth wrote, from the root')),
    text: z.exactOptional(text('One template, YAML or JSON', MAX_TEMPLATE)),
    snapshot: beside,
    parameters,
    config: configuration,
    ...selection,
  }),
  answer: async ({ files, text: template, ...asked }, root) => {
    if ((files === undefined) === (template === undefined)) throw new UsageError('give either files or text');
    const paths = await Promise.all((files ?? []).map((file) => pathInRoot(root, file)));
    const inputs =
      template === undefined ? await readTemplateFiles(paths) : [{ path: 'text', text: template }];
    return declaredAnswer(declaredByTemplates(inputs), asked, { root, files: paths });
  },
});

export const auditPlanTool = defineTool({
  name: 'audit_plan',
  title: 'Audit a Terraform plan before it is applied',
  description:
    'Judges what a plan of Terraform or OpenTofu declares, as if it were applied: the output of `terraform show -json`, or the file of plan -out. Of the sources beside it, those in the root are read. Answers with results as `pipewarden audit --plan --format json` writes them, with line and column of evidence.',
  input: z.strictObject({
    file: text('The plan, from the root'),
    snapshot: beside,
    parameters,
    config: configuration,
    ...selection,
  }),
  answer: async ({ file, ...asked }, root) => {
    const path = await pathInRoot(root, file);
    return declaredAnswer(await declaredByPlan(path, root), asked, { root, files: [path] });
  },
});
