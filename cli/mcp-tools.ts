import * as z from 'zod/mini';
import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { DESCRIBED_CONTROLS } from '../shared/controls/texts.ts';
import { SEVERITIES, type Severity } from '../shared/domain/finding.ts';
import { controlPage, controlsJson } from '../shared/outputs/pages/control-page.ts';
import { snapshotReader } from './audit.ts';
import { type AuditInputOptions, scopesOf } from './audit-input.ts';
import { auditRun } from './audit-run.ts';
import {
  type AppliedConfig,
  appliedConfig,
  configOfFiles,
  configurationPlace,
  configurationText,
  nearestOfAll,
} from './config.ts';
import { controlNamed } from './control-named.ts';
import { FILE_SCOPE, namedPipeline } from './definition-file.ts';
import { searchDefinitions } from './definition-folder.ts';
import { UsageError } from './errors.ts';
import { deniedIn, explainDenials } from './explain-denied.ts';
import { readText } from './files.ts';
import { LINT_CONTROLS, lintRun, readDefinitions } from './lint.ts';
import { type Answer, listsAnswer, resultsAnswer } from './mcp-answer.ts';
import type { Progress } from './progress.ts';
import { readResultsFile } from './results-file.ts';
import { pathInRoot } from './root-folder.ts';
import { resultsOfRun } from './run-results.ts';
import { type SelectionOptions, selectionOf } from './selection.ts';
import { simulated } from './simulate.ts';

/**
 * A tool: what it is called and does, what it takes, and its answer. Tools read files in the root alone, whose real path they are given
 * and which is the working directory. `isLive`: it reads the account of the credentials.
 */
export type Tool<Input extends z.ZodMiniType = z.ZodMiniType> = {
  name: string;
  title: string;
  description: string;
  input: Input;
  isLive?: true;
  answer: (given: z.output<Input>, root: string) => Promise<Answer>;
};

const defineTool = <Input extends z.ZodMiniType>(tool: Tool<Input>): Tool => tool as unknown as Tool;

const text = (description: string, most = 4096) =>
  z.string().check(z.minLength(1), z.maxLength(most), z.describe(description));

const texts = (description: string, most = 100) =>
  z.array(text('One of them')).check(z.minLength(1), z.maxLength(most), z.describe(description));

const configuration = z.exactOptional(
  text('The configuration file; without it, the nearest pipewarden.yaml in the repository'),
);

const SEVERITY_NAMES = SEVERITIES.map((name) => name.toLowerCase() as Lowercase<Severity>);

/** What narrows findings, and which part of them is asked for. */
const selection = {
  control: z.exactOptional(texts('Only findings of these controls')),
  severity: z.exactOptional(
    z.enum(SEVERITY_NAMES).check(z.describe('List only findings of this severity or above')),
  ),
  resource: z.exactOptional(
    texts('Only findings on these resources: an ARN, a name or the path of a file; * and ? allowed'),
  ),
  offset: z._default(z.int().check(z.minimum(0), z.maximum(1_000_000)), 0),
  limit: z._default(z.int().check(z.minimum(1), z.maximum(500), z.describe('The most findings')), 50),
};

type Selected = SelectionOptions & { offset: number; limit: number; config?: string };

const lintTool = defineTool({
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

const auditSnapshotTool = defineTool({
  name: 'audit_snapshot',
  title: 'Audit a snapshot folder',
  description:
    'Audits an account by a snapshot folder, which `pipewarden snapshot` has written. Answers with results as `pipewarden audit --format json` writes them.',
  input: z.strictObject({ snapshot: text('The folder, from the root'), config: configuration, ...selection }),
  answer: async ({ snapshot, ...selected }, root) =>
    auditAnswer({ snapshot: [await pathInRoot(root, snapshot)] }, selected, root),
});

const auditLiveTool = defineTool({
  name: 'audit_live',
  title: 'Audit the account of the credentials, live',
  description:
    'Calls AWS: reads the account and Region of the credentials that the server was started with, and audits it. Changes nothing there.',
  input: z.strictObject({ config: configuration, ...selection }),
  isLive: true,
  answer: (selected, root) => auditAnswer({ live: true }, selected, root),
});

const explainTool = defineTool({
  name: 'explain',
  title: 'Explain a control',
  description:
    'The page of a control: what it judges, how it decides, an example, and how to mend a finding. Without a control, the list of all controls.',
  input: z.strictObject({ control: z.exactOptional(text('The id of a control', 100)) }),
  answer: async ({ control: id }) => {
    const told = (controls: typeof DESCRIBED_CONTROLS): readonly object[] =>
      JSON.parse(controlsJson(controls)).controls;
    const how = 'ask for one of them by control';
    if (id === undefined) {
      const brief = DESCRIBED_CONTROLS.map(({ id: control, title, severity, on, lint }) => ({
        id: control,
        title,
        severity,
        judges: on,
        lint,
      }));
      return listsAnswer({ controls: brief }, { how });
    }
    const control = controlNamed(id);
    return listsAnswer({ controls: told([control]) }, { rest: { page: controlPage(control) }, how });
  },
});

const simulateTool = defineTool({
  name: 'simulate',
  title: 'Decide one request by policies',
  description:
    'Decides one request to AWS by the policies of a snapshot or by policy files, and explains the decision: Allow, ExplicitDeny, ImplicitDeny, or Unknown where it hangs on what was not given. AWS is not asked. Errors name the options of `pipewarden simulate`.',
  input: z.strictObject({
    principal: text(
      "Who asks: the ARN of a user, role or session, a service, or '*' for an anonymous caller",
    ),
    action: text('One action, such as sagemaker:CreatePipeline', 256),
    resource: z._default(text('The ARN of the requested resource'), '*'),
    resourceAccount: z.exactOptional(text('The account that owns the resource, if its ARN names none', 12)),
    context: z.exactOptional(
      texts("Condition keys as KEY=VALUE; a key alone is not in the request, '*': no other key is either"),
    ),
    snapshot: z.exactOptional(text('A snapshot folder, from the root, in place of policy files')),
    policy: z.exactOptional(texts('Files with identity policies of the principal')),
    boundary: z.exactOptional(text('The file with its permissions boundary')),
    scp: z.exactOptional(texts('Files with SCPs, one level each, the root first')),
    rcp: z.exactOptional(texts('Files with RCPs, one level each, the root first')),
    resourcePolicy: z.exactOptional(text("The file with the resource's policy")),
    endpointPolicy: z.exactOptional(text('The file with the policy of the VPC endpoint')),
  }),
  answer: async (
    { policy, scp, rcp, snapshot, boundary, resourcePolicy, endpointPolicy, ...asked },
    root,
  ) => {
    const one = async <Name extends string>(name: Name, path: string | undefined) =>
      path === undefined ? {} : ({ [name]: await pathInRoot(root, path) } as Record<Name, string>);
    const several = async <Name extends string>(name: Name, paths: readonly string[] | undefined) =>
      paths === undefined
        ? {}
        : ({ [name]: await Promise.all(paths.map((path) => pathInRoot(root, path))) } as Record<
            Name,
            string[]
          >);
    const { simulation, notes } = await simulated({
      ...asked,
      ...(await several('policy', policy)),
      ...(await several('scp', scp)),
      ...(await several('rcp', rcp)),
      ...(await one('snapshot', snapshot)),
      ...(await one('boundary', boundary)),
      ...(await one('resourcePolicy', resourcePolicy)),
      ...(await one('endpointPolicy', endpointPolicy)),
    });
    const { decidedBy, missingContext, doubts, problems, ...rest } = simulation;
    return listsAnswer(
      { decidedBy, missingContext, doubts, problems, notes },
      { rest, how: 'give fewer or smaller policies, or run `pipewarden simulate`' },
    );
  },
});

const MAX_MESSAGE = 100_000;

const explainDeniedTool = defineTool({
  name: 'explain_denied',
  title: 'Explain a denied request',
  description:
    'Why AWS denied a request, by the policies of a snapshot: the step that asked, the statement that denies or what is missing, and where one is certain, the smallest policy that allows it. Give the error message or CloudTrail record as message, or a file of them.',
  input: z.strictObject({
    message: z.exactOptional(text('The error message, or the CloudTrail record as JSON', MAX_MESSAGE)),
    file: z.exactOptional(text('A file with it, from the root')),
    snapshot: text('The snapshot folder, from the root'),
    config: configuration,
  }),
  answer: async ({ message, file, snapshot, config }, root) => {
    if ((message === undefined) === (file === undefined)) throw new UsageError('give either message or file');
    const path = file === undefined ? undefined : await pathInRoot(root, file);
    const denials =
      path === undefined
        ? deniedIn(message ?? '', 'message')
        : deniedIn(await readText(path, 'policy'), path);
    const reader = await snapshotReader(await pathInRoot(root, snapshot));
    const applied = await configInRoot(root, config);
    const denied = await explainDenials(denials, reader, applied);
    const how = 'ask for fewer denied requests at once';
    return listsAnswer({ denied, notes: [configurationPlace(applied)] }, { how });
  },
});

const findingsTool = defineTool({
  name: 'findings',
  title: 'Findings of a results file',
  description:
    'The findings of a results file, as `pipewarden audit` or `lint` writes it with --format json, most severe first, with their evidence and remedies.',
  input: z.strictObject({ file: text('The results file, from the root'), ...selection }),
  answer: async ({ file, ...selected }, root) => {
    const results = await readResultsFile(await pathInRoot(root, file));
    const chosen = selectionOf(selected, CONTROLS, DEFAULT_CONFIG);
    const ids = new Set<string>(chosen.controls.map(({ id }) => id));
    const isChosen = ({ control }: { control: string }) => selected.control === undefined || ids.has(control);
    const findings = results.findings.filter(
      (finding) => isChosen(finding) && chosen.concerns(finding) && chosen.isListed(finding),
    );
    const notes = [...chosen.texts, ...(findings.length === 0 && selected.resource ? [NOT_IN_FILE] : [])];
    return resultsAnswer({ ...results, findings }, { ...selected, notes });
  },
});

/** A misspelt name would look clean. */
const NOT_IN_FILE =
  'no finding of the file is on what was asked for; what passed is not in it, unless it was written with --all';

/** All tools; those that open the network only where `isLive`. */
export const toolsOf = (isLive: boolean): Tool[] => [
  lintTool,
  auditSnapshotTool,
  ...(isLive ? [auditLiveTool] : []),
  explainTool,
  simulateTool,
  explainDeniedTool,
  findingsTool,
];

/**
 * The configuration that a command would use, where it is in the root. One outside is refused: to ignore it would judge by laxer rules
 * unnoticed.
 */
const configInRoot = async (
  root: string,
  named: string | undefined,
  files: readonly string[] = [],
): Promise<AppliedConfig> => {
  const path = named ?? (await nearestOfAll(files));
  if (path === undefined) return appliedConfig(undefined, files);
  return appliedConfig(await pathInRoot(root, path, 'the configuration that applies, '), files);
};

/** Progress whose messages are kept for the answer. */
const noted = (): { notes: string[]; progress: Progress } => {
  const notes: string[] = [];
  return { notes, progress: { say: (note) => void notes.push(note), count: () => {}, endCount: () => {} } };
};
