import * as z from 'zod/mini';
import { type Finding, SEVERITIES, STATUSES } from '../../domain/finding.ts';
import { UNJUDGED_WHYS } from '../../domain/judgement.ts';
import { RESOURCE_TYPES } from '../../domain/resource.ts';
import { END_REASONS } from '../../findings/end-reason.ts';
import { type ControlOff, RUN_MODES } from '../../findings/run-looks.ts';
import { COVERAGES } from '../../findings/run-places.ts';
import type { RunSelection } from '../../findings/run-selection.ts';
import { issueWords } from '../../text/issue-words.ts';
import { complianceSchema } from './compliance-schema.ts';
import type { ExceptionEntry } from './exceptions-register.ts';
import type { Overview } from './overview.ts';
import type { ConfigurationOfRun, Invocation, Results, ScopeOfRun } from './results.ts';
import type { CoverageRow } from './run-coverage.ts';

export const countSchema = z.int().check(z.minimum(0));
export const timeSchema = z.iso.datetime().check(z.describe('ISO 8601, in UTC'));

const approvalShape = {
  owner: z.exactOptional(z.string()),
  approvedBy: z.exactOptional(z.string()),
  ticket: z.exactOptional(z.string()),
  approvedOn: z.exactOptional(z.string().check(z.describe('YYYY-MM-DD'))),
};

export const findingSchema: z.ZodMiniType<Finding> = z.strictObject({
  id: z
    .string()
    .check(z.minLength(1), z.describe('The same from run to run, whatever the version of the auditor')),
  control: z.string().check(z.minLength(1)),
  status: z.enum(STATUSES),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  resource: z.strictObject({
    type: z.enum(RESOURCE_TYPES),
    arn: z
      .string()
      .check(z.describe('An ARN; the path of a file that was linted, or file:line of an unreadable event')),
  }),
  subject: z.exactOptional(
    z.string().check(z.describe('The step or statement of the resource that the finding is about')),
  ),
  account: z.exactOptional(
    z.string().check(z.describe('The account, in results of several accounts or Regions')),
  ),
  cause: z.exactOptional(
    z
      .string()
      .check(
        z.describe(
          'The same for the findings of a run that have one cause, such as a policy of several roles',
        ),
      ),
  ),
  evidence: z.array(
    z.strictObject({
      at: z.string().check(z.describe('A JSON pointer, a policy and its statement, or an API call')),
      found: z.string(),
      expected: z.string(),
    }),
  ),
  remediation: z.strictObject({
    text: z.string(),
    patch: z.exactOptional(
      z.string().check(z.describe('Can be applied as it is: a JSON document or a command line')),
    ),
    undo: z.exactOptional(z.string().check(z.describe('The command that takes the command of patch back'))),
    changes: z.exactOptional(
      z.string().check(z.describe('What the command of patch changes for whom, as one sentence')),
    ),
  }),
  principal: z.exactOptional(z.string().check(z.describe('Who made the change, where an event says so'))),
  trigger: z.exactOptional(
    z
      .strictObject({ eventId: z.string(), eventName: z.string(), eventTime: z.string() })
      .check(z.describe('The event that made the auditor look')),
  ),
  firstObservedAt: timeSchema,
  lastObservedAt: timeSchema,
  evidenceAt: z.exactOptional(
    timeSchema.check(z.describe('When the evidence was read; missing in results of version 1.0')),
  ),
  suppression: z.exactOptional(
    z.strictObject({
      reason: z.string(),
      expires: z.string().check(z.describe('The last day, YYYY-MM-DD, that it is in force')),
      ...approvalShape,
    }),
  ),
  unjudged: z.exactOptional(
    z
      .strictObject({
        since: timeSchema,
        why: z.enum(UNJUDGED_WHYS),
        because: z.string(),
      })
      .check(
        z.describe('Since when the finding could not be judged, and why; the status is the last one known'),
      ),
  ),
});

const overviewSchema: z.ZodMiniType<Overview> = z
  .strictObject({
    worst: z.exactOptional(
      z.strictObject({
        severity: z.enum(SEVERITIES),
        control: z.string(),
        resource: z.string(),
        title: z.string(),
      }),
    ),
    bySeverity: z
      .record(z.enum(SEVERITIES), countSchema)
      .check(z.describe('Breaches and risks; those with one cause count as one')),
    findings: countSchema.check(z.describe('Breaches and risks, each on its resource')),
    unread: z.strictObject({ count: countSchema, first: z.exactOptional(z.string()) }),
    notConfigured: z
      .array(z.strictObject({ list: z.string(), controls: z.array(z.string()) }))
      .check(z.describe('Lists that the configuration lacks, and the controls that need them')),
    notInSnapshot: z.exactOptional(
      z
        .array(z.strictObject({ file: z.string(), controls: z.array(z.string()) }))
        .check(z.describe('Files that the snapshot lacks, and the controls that judge nothing without them')),
    ),
  })
  .check(z.describe('What to know first of the run'));

const controlsOffSchema: z.ZodMiniType<ControlOff[]> = z
  .array(
    z.strictObject({
      control: z.string(),
      why: z.enum(['control-off', 'not-configured']),
      because: z.string(),
      accounts: z.exactOptional(
        z.array(z.string()).check(z.describe('Where it was so, if not in all accounts')),
      ),
    }),
  )
  .check(z.describe('Controls that judged nothing because of the configuration'));

const toolSchema = z.strictObject({ name: z.literal('pipewarden'), version: z.string() });

const invocationShape = {
  command: z
    .enum(['audit', 'lint', 'report'])
    .check(z.describe('What made the results; report is the deployed system’s own')),
  caller: z.exactOptional(
    z.string().check(z.describe('The ARN of whoever read the account, or made the snapshot')),
  ),
  startedAt: timeSchema.check(z.describe('When the run began; generatedAt is when it ended')),
  configuration: z.strictObject({
    path: z.exactOptional(z.string().check(z.describe('Missing where there was no file'))),
    digest: z.string().check(z.describe('The same only for configurations that say the same in every part')),
  }),
};

const invocationSchema: z.ZodMiniType<Invocation> = z.strictObject({
  ...invocationShape,
  duration: z.exactOptional(z.number().check(z.minimum(0), z.describe('In seconds'))),
});

const selectionSchema: z.ZodMiniType<RunSelection> = z
  .strictObject({
    controls: z.exactOptional(z.array(z.string()).check(z.describe('Those that judged'))),
    resources: z.exactOptional(z.array(z.string()).check(z.describe('Patterns of ARNs, names or paths'))),
    team: z.exactOptional(z.string()),
    severity: z.exactOptional(
      z
        .enum(['informational', 'low', 'medium', 'high', 'critical'])
        .check(z.describe('The lowest that is listed; all of them count')),
    ),
    since: z.exactOptional(
      z
        .enum(['baseline', 'commit'])
        .check(z.describe('Only what earlier results, or the files at a commit, did not have, is listed')),
    ),
  })
  .check(
    z.describe('What the run was narrowed to; missing for a whole run. It says nothing of what it left out'),
  );

const scopeSchema: z.ZodMiniType<ScopeOfRun> = z
  .strictObject({
    accounts: z.array(z.string()),
    regions: z.array(z.string()),
    mode: z.enum(RUN_MODES),
    selection: z.exactOptional(selectionSchema),
    resourcesAskedFor: z.exactOptional(
      countSchema.check(
        z.describe(
          'What was listed or named; not what the run was led to from there. Missing where nobody lists it',
        ),
      ),
    ),
    resourcesLookedAt: countSchema,
    resources: z
      .partialRecord(
        z.enum(RESOURCE_TYPES),
        z.strictObject({ askedFor: z.exactOptional(countSchema), lookedAt: countSchema }),
      )
      .check(z.describe('The same by type of resource')),
    window: z.exactOptional(
      z
        .strictObject({ from: timeSchema, to: timeSchema })
        .check(
          z.describe(
            'The time that the events are from; of a scheduled report, the time since the one before',
          ),
        ),
    ),
  })
  .check(z.describe('What the run was about, and what it looked at'));

const configurationSchema: z.ZodMiniType<ConfigurationOfRun> = z
  .strictObject({
    path: z.exactOptional(z.string().check(z.describe('Missing where there was no file'))),
    digest: z.exactOptional(
      z.string().check(z.describe('The same only for configurations that say the same in every part')),
    ),
    judging: z.exactOptional(
      z.string().check(z.describe('A digest of what the configuration tells the controls')),
    ),
    controlsOff: controlsOffSchema,
  })
  .check(z.describe('By what the run judged'));

const coverageSchema: z.ZodMiniType<CoverageRow[]> = z
  .array(
    z.strictObject({
      control: z.string(),
      passed: z.exactOptional(countSchema),
      failed: countSchema,
      warning: countSchema,
      notAvailable: countSchema.check(z.describe('What it needs could not be read')),
      notApplicable: z.exactOptional(countSchema),
      suppressed: countSchema.check(z.describe('Counted here only')),
      notJudged: countSchema.check(
        z.describe(
          'Resources that it judges, and did not: it is off, lacks a list, or nobody knows what it needs',
        ),
      ),
      why: z.exactOptional(z.string().check(z.describe('Why it judged nothing there, or nothing at all'))),
    }),
  )
  .check(
    z.describe(
      'How each control judged what was looked at, selections taken into account. Nothing that was merely readable counts as passed. passed and notApplicable are missing where the deployed system keeps only their sum',
    ),
  );

const exceptionsSchema: z.ZodMiniType<ExceptionEntry[]> = z
  .array(
    z.strictObject({
      kind: z.enum(['suppression', 'control-off']),
      control: z.string(),
      at: z.exactOptional(z.string().check(z.describe('Its place in the configuration'))),
      resource: z.exactOptional(z.string()),
      step: z.exactOptional(z.string()),
      accounts: z.exactOptional(z.array(z.string()).check(z.describe('Where it holds, if not everywhere'))),
      reason: z.string(),
      expires: z.exactOptional(z.string().check(z.describe('The last day, YYYY-MM-DD'))),
      findings: z.exactOptional(
        countSchema.check(z.describe('How many it covers; not known of a control that is off')),
      ),
      severity: z.exactOptional(
        z.enum(SEVERITIES).check(z.describe('That of the gravest finding that it covers')),
      ),
      ...approvalShape,
    }),
  )
  .check(z.describe('The register of exceptions, those that end first before the others'));

/** What both versions have. */
const shape = {
  generatedAt: timeSchema,
  account: z.string(),
  region: z.string(),
  scopes: z.exactOptional(
    z
      .array(
        z.strictObject({
          account: z.string(),
          region: z.string(),
          name: z.exactOptional(
            z.string().check(z.describe('The account’s name in its organization, where it was read')),
          ),
          path: z.exactOptional(
            z
              .string()
              .check(
                z.describe('The account’s place in its organization, o-…/r-…/ou-…/, where that is known'),
              ),
          ),
          unitNames: z.exactOptional(
            z
              .record(z.string(), z.string())
              .check(
                z.describe(
                  'The names of the organizational units in the path, by their ids, where they were read',
                ),
              ),
          ),
          coverage: z.exactOptional(
            z
              .enum(COVERAGES)
              .check(
                z.describe(
                  'Whether it was judged there; partly where the pipelines could not be listed, or a sweep is overdue. Missing in results of older versions',
                ),
              ),
          ),
          because: z.exactOptional(
            z.string().check(z.describe('Why it was not judged there, or only in part')),
          ),
          passed: z.exactOptional(
            countSchema.check(
              z.describe(
                'How many verdicts passed in the account, but for those on the configuration; with its first Region',
              ),
            ),
          ),
        }),
      )
      .check(z.describe('The accounts and Regions, where there are several: account and region list them')),
  ),
  summary: z.strictObject({
    evaluated: countSchema.check(z.describe('The sum of the other five')),
    passed: countSchema,
    failed: countSchema,
    warning: countSchema,
    notAvailable: countSchema,
    suppressed: countSchema.check(z.describe('Open, but covered by a suppression; counted here only')),
  }),
  findings: z
    .array(findingSchema)
    .check(z.describe('Most severe first. Passed and not applicable verdicts are listed only with --all')),
  overview: z.exactOptional(overviewSchema),
  mode: z.exactOptional(
    z
      .enum(RUN_MODES)
      .check(
        z.describe(
          'What the run looked at: everything, the resources of events, files, or what templates and plans declare',
        ),
      ),
  ),
  looks: z.exactOptional(
    z
      .strictObject({
        controls: z.array(z.string()),
        resources: z.record(z.string(), z.string()),
        passed: z.string(),
        byAccount: z.exactOptional(z.literal(true)),
      })
      .check(
        z.describe(
          'What was looked at, as digests of 8 characters: resources maps a string with one letter for each control (p passed, n nothing to judge, m failed, u and x not read, o left out by the configuration, g gone, - not judged there) to the ARNs; passed holds what passed beside something that failed. byAccount: the account stands before an ARN that names none',
        ),
      ),
  ),
  controlsOff: z.exactOptional(controlsOffSchema),
  ended: z.exactOptional(
    z
      .array(
        z.strictObject({
          id: z.string(),
          at: timeSchema,
          how: z.enum([...END_REASONS, ...UNJUDGED_WHYS]),
          because: z.string(),
        }),
      )
      .check(z.describe('How findings of the previous report ended')),
  ),
  compliance: z.exactOptional(complianceSchema),
};

/** The schema of results of version 2.0. `docs/results.schema.json` is generated from it. */
export const resultsSchema: z.ZodMiniType<Results> = z
  .strictObject({
    schemaVersion: z.literal('2.0'),
    ...shape,
    tool: toolSchema,
    invocation: z.exactOptional(invocationSchema),
    scope: scopeSchema,
    configuration: configurationSchema,
    coverage: coverageSchema,
    exceptions: exceptionsSchema,
  })
  .check(
    z.meta({
      title: 'Pipewarden results',
      description:
        'What --format json and scheduled reports write. diff, report and the others that take results also take those of version 1.0, which lack tool, scope, configuration, coverage and the times of evidence, or have parts of them elsewhere.',
    }),
  );

/** The schema of version 1.0, which nothing writes any more. */
const formerSchema = z.strictObject({
  schemaVersion: z.literal('1.0'),
  ...shape,
  configuration: z.exactOptional(z.string()),
  tool: z.exactOptional(toolSchema),
  invocation: z.exactOptional(z.strictObject(invocationShape)),
});

/** A problem of a results file: the keys and indexes from the root, and what is wrong. */
export type ResultsIssue = { path: (string | number)[]; message: string };

/** The results in a JSON value, or why the value is not a results file of version 2.0 or 1.0. */
export const parseResults = (
  json: unknown,
): { ok: true; results: Results } | { ok: false; issues: ResultsIssue[] } => {
  const former = isFormer(json) ? formerSchema.safeParse(json, { reportInput: true }) : undefined;
  if (former?.success) return { ok: true, results: fromFormer(former.data) };
  const parsed = former ?? resultsSchema.safeParse(json, { reportInput: true });
  if (parsed.success) return { ok: true, results: parsed.data };
  const issues = parsed.error.issues.map((issue) => ({
    path: issue.path.filter((key) => typeof key !== 'symbol'),
    message: issueWords(issue),
  }));
  return { ok: false, issues };
};

const isFormer = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'schemaVersion' in json && json.schemaVersion === '1.0';

/** Results of version 1.0 say at other places by what they judged. */
const fromFormer = ({ configuration, ...results }: z.infer<typeof formerSchema>): Results => ({
  ...results,
  ...(configuration !== undefined && {
    configuration: {
      ...results.invocation?.configuration,
      judging: configuration,
      controlsOff: results.controlsOff ?? [],
    },
  }),
});

const NOT_TOLD = 'what it was narrowed to, how old its evidence was';

/** What results do not say of their run, as they are of an older version; empty where they say it all. */
export const notToldBy = ({ schemaVersion, looks, ended }: Results): string[] =>
  schemaVersion === '2.0' ? [] : [...(looks || ended ? [] : ['what it looked at']), NOT_TOLD];
