import * as z from 'zod/mini';
import { type Finding, SEVERITIES, STATUSES, type Status, severityRank } from '../../domain/finding.ts';
import { UNJUDGED_WHYS } from '../../domain/judgement.ts';
import { RESOURCE_TYPES } from '../../domain/resource.ts';
import { isOpen, statusWeight } from '../../domain/status.ts';
import { END_REASONS, type Ended } from '../../findings/end-reason.ts';
import type { ControlOff, RunLooks } from '../../findings/run-looks.ts';
import { COVERAGES, type RunPlace } from '../../findings/run-places.ts';
import { issueWords } from '../../text/issue-words.ts';
import type { Compliance } from './compliance-outcome.ts';
import { complianceSchema } from './compliance-schema.ts';
import { isReadable, type Overview, overviewOf } from './overview.ts';

/** How many verdicts a run made. A suppressed verdict counts as suppressed only; NOT_APPLICABLE is not counted. */
export type Summary = {
  evaluated: number;
  passed: number;
  failed: number;
  warning: number;
  notAvailable: number;
  suppressed: number;
};

/** The results file of a run, version 1.0. Every other output is made from it. */
export type Results = {
  schemaVersion: '1.0';
  generatedAt: string;
  account: string;
  region: string;
  /** The accounts and Regions that were asked for, where there are several; `account` and `region` then list them. */
  scopes?: RunPlace[];
  summary: Summary;
  findings: Finding[];
  /** Missing in results of older versions. */
  overview?: Overview;
  /** What the run looked at; missing in results of older versions. */
  mode?: 'all' | 'events' | 'files';
  looks?: RunLooks;
  controlsOff?: ControlOff[];
  configuration?: string;
  ended?: Ended[];
  /** What the run shows of a framework, where one was asked for. */
  compliance?: Compliance;
  /** What made the results, and how. */
  tool?: { name: 'pipewarden'; version: string };
  invocation?: {
    command: 'audit' | 'lint' | 'report';
    caller?: string;
    startedAt: string;
    configuration: { path?: string; digest: string };
  };
};

/** The part of the results that says what made them, and what the run looked at. */
export type ResultsScope = Pick<
  Results,
  'mode' | 'looks' | 'controlsOff' | 'configuration' | 'ended' | 'tool' | 'invocation' | 'scopes'
> &
  Partial<Pick<Overview, 'notConfigured' | 'notInSnapshot'>>;

export const countSchema = z.int().check(z.minimum(0));
export const timeSchema = z.iso.datetime().check(z.describe('ISO 8601, in UTC'));

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
  suppression: z.exactOptional(
    z.strictObject({
      reason: z.string(),
      expires: z.string().check(z.describe('The last day, YYYY-MM-DD, that it is in force')),
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

/** The schema of the results file. `docs/results.schema.json` is generated from it. */
export const resultsSchema: z.ZodMiniType<Results> = z
  .strictObject({
    schemaVersion: z.literal('1.0'),
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
        .enum(['all', 'events', 'files'])
        .check(z.describe('What the run looked at: everything, the resources of events, or files')),
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
    controlsOff: z.exactOptional(
      z
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
        .check(z.describe('Controls that judged nothing because of the configuration')),
    ),
    configuration: z.exactOptional(
      z.string().check(z.describe('A digest of what the configuration tells the controls')),
    ),
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
    tool: z.exactOptional(z.strictObject({ name: z.literal('pipewarden'), version: z.string() })),
    invocation: z.exactOptional(
      z.strictObject({
        command: z
          .enum(['audit', 'lint', 'report'])
          .check(z.describe('What made the results; report is the deployed system’s own')),
        caller: z.exactOptional(
          z.string().check(z.describe('The ARN of whoever read the account, or made the snapshot')),
        ),
        startedAt: timeSchema.check(z.describe('When the run began; generatedAt is when it ended')),
        configuration: z.strictObject({
          path: z.exactOptional(z.string().check(z.describe('Missing where there was no file'))),
          digest: z
            .string()
            .check(z.describe('The same only for configurations that say the same in every part')),
        }),
      }),
    ),
  })
  .check(z.meta({ title: 'Pipewarden results' }));

/** A problem of a results file: the keys and indexes from the root, and what is wrong. */
export type ResultsIssue = { path: (string | number)[]; message: string };

/** The results in a JSON value, or why the value is not a results file of version 1.0. */
export const parseResults = (
  json: unknown,
): { ok: true; results: Results } | { ok: false; issues: ResultsIssue[] } => {
  const parsed = resultsSchema.safeParse(json, { reportInput: true });
  if (parsed.success) return { ok: true, results: parsed.data };
  const issues = parsed.error.issues.map((issue) => ({
    path: issue.path.filter((key) => typeof key !== 'symbol'),
    message: issueWords(issue),
  }));
  return { ok: false, issues };
};

/**
 * The results of a run, in an order that depends on the findings alone. Passed verdicts are counted, and listed only
 * with `all`. NOT_APPLICABLE is never counted, so that it cannot make a run look more complete than it was.
 */
export const toResults = ({
  findings,
  passed = 0,
  generatedAt,
  account,
  region,
  all,
  scope: { notConfigured = [], notInSnapshot = [], ...scope } = {},
}: {
  findings: readonly Finding[];
  /** How many verdicts passed that are only counted and not among the findings. */
  passed?: number;
  generatedAt: string;
  account: string;
  region: string;
  all: boolean;
  scope?: ResultsScope;
}): Results => {
  const sorted = findings.filter(({ status }) => all || isOpen(status)).toSorted(byUrgency);
  return {
    schemaVersion: '1.0',
    generatedAt,
    account,
    region,
    summary: summarise(findings, passed),
    overview: overviewOf(sorted, { notConfigured, notInSnapshot, scopes: scope.scopes }),
    findings: sorted,
    ...scope,
  };
};

/** The counts of a run. `passed`: how many passed that are not among the findings. */
export const summarise = (findings: readonly Finding[], passed: number): Summary => {
  const counted = findings.filter((finding) => finding.status !== 'NOT_APPLICABLE' && !isReadable(finding));
  const unsuppressed = counted.filter(({ suppression }) => suppression === undefined);
  const having = (status: Status) => unsuppressed.filter((finding) => finding.status === status).length;
  return {
    evaluated: counted.length + passed,
    passed: having('PASSED') + passed,
    failed: having('FAILED'),
    warning: having('WARNING'),
    notAvailable: having('NOT_AVAILABLE'),
    suppressed: counted.length - unsuppressed.length,
  };
};

/** Most severe first, in an order that depends on the findings alone. */
export const byUrgency = (one: Finding, other: Finding): number =>
  severityRank(other.severity) - severityRank(one.severity) ||
  statusWeight(other.status) - statusWeight(one.status) ||
  byCodeUnits(one.control, other.control) ||
  byCodeUnits(one.resource.arn, other.resource.arn) ||
  byCodeUnits(one.subject ?? '', other.subject ?? '') ||
  byCodeUnits(JSON.stringify(one), JSON.stringify(other));

/** `localeCompare` is not used, because its order changes with the machine’s locale and ICU version. */
const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
