import * as z from 'zod/mini';
import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { DESCRIBED_CONTROLS } from '../shared/controls/texts.ts';
import { controlPage, controlsJson } from '../shared/outputs/pages/control-page.ts';
import { snapshotReader } from './audit.ts';
import { configurationPlace } from './config.ts';
import { controlNamed } from './control-named.ts';
import { UsageError } from './errors.ts';
import { deniedIn, explainDenials } from './explain-denied.ts';
import { readText } from './files.ts';
import { listsAnswer, resultsAnswer } from './mcp-answer.ts';
import {
  auditLiveTool,
  auditPlanTool,
  auditSnapshotTool,
  auditTemplateTool,
  lintTool,
} from './mcp-audit-tools.ts';
import { configInRoot, configuration, defineTool, selection, type Tool, text, texts } from './mcp-tool.ts';
import { readResultsFile } from './results-file.ts';
import { pathInRoot } from './root-folder.ts';
import { selectionOf } from './selection.ts';
import { simulated } from './simulate.ts';

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
  auditTemplateTool,
  auditPlanTool,
  ...(isLive ? [auditLiveTool] : []),
  explainTool,
  simulateTool,
  explainDeniedTool,
  findingsTool,
];
