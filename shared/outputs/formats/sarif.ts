import type { Log, ReportingDescriptor, Result } from 'sarif';
import type { Finding, Severity, Status } from '../../domain/finding.ts';
import type { DescribedControl } from '../../judging/control.ts';
import { oneLine } from '../../text/one-line.ts';
import { toJsonText } from '../../text/strict-json.ts';
import type { PlaceOf } from '../places/evidence-places.ts';
import { type Labels, labelsOf } from './resource-label.ts';
import type { Results } from './results.ts';
import { locationsOf, relatedLocationsOf } from './sarif-locations.ts';

/** The parts of a control that go into a rule. */
type RuleText = Pick<
  DescribedControl,
  'title' | 'severity' | 'description' | 'risk' | 'remediation' | 'references' | 'requirements'
>;

/** What SARIF needs besides the results. */
export type SarifContext = {
  controls: (id: string) => RuleText | undefined;
  version: string;
  placeOf?: PlaceOf;
};

/** Numbers within GitHub’s bands: critical from 9, high from 7, medium from 4. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  CRITICAL: '9.5',
  HIGH: '8.0',
  MEDIUM: '5.5',
  LOW: '2.5',
  INFORMATIONAL: '0.0',
};

const LEVEL = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
  INFORMATIONAL: 'note',
} as const;

const KIND: Readonly<Record<Status, Result.kind>> = {
  FAILED: 'fail',
  WARNING: 'fail',
  NOT_AVAILABLE: 'open',
  PASSED: 'pass',
  NOT_APPLICABLE: 'notApplicable',
};

/**
 * The results in the Static Analysis Results Interchange Format 2.1.0 (OASIS). A finding with evidence in a file has
 * line and column; any other finding has a logical location only.
 */
export const toSarif = (results: Results, context: SarifContext): string => {
  const { invocation } = results;
  const ids = [...new Set(results.findings.map(({ control }) => control))].toSorted();
  const labels = labelsOf(results.findings, results.scopes);
  const ruleIndexes = new Map(ids.map((id, index) => [id, index]));
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Pipewarden',
            version: context.version,
            semanticVersion: context.version,
            rules: ids.map((id) => ruleOf(id, context.controls(id), results.findings)),
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            ...(invocation && { startTimeUtc: invocation.startedAt }),
            endTimeUtc: results.generatedAt,
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: results.findings.map((finding) => resultOf(finding, { ...context, ruleIndexes, labels })),
        properties: {
          account: results.account,
          region: results.region,
          ...(results.scopes && { scopes: results.scopes }),
          ...(results.mode && { mode: results.mode }),
          ...(invocation && { invocation }),
          summary: results.summary,
        },
      },
    ],
  };
  return `${toJsonText(log, 2)}\n`;
};

/** GitHub shows ten tags of a rule, and refuses a file with more than twenty. */
const MOST_TAGS = 10;

const ruleOf = (
  id: string,
  control: RuleText | undefined,
  findings: readonly Finding[],
): ReportingDescriptor => {
  const first = findings.find((finding) => finding.control === id);
  const {
    title = first?.title ?? id,
    severity = first?.severity ?? 'MEDIUM',
    requirements = [],
  } = control ?? {};
  const { description = title, risk = '', remediation = '', references = [] } = control ?? {};
  const paragraphs = [description, risk && `Risk: ${risk}`, remediation && `Remedy: ${remediation}`].filter(
    Boolean,
  );
  const links = references.map((url) => `- <${url}>`).join('\n');
  return {
    id,
    name: id.replace(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase()),
    shortDescription: { text: sentence(title) },
    fullDescription: { text: sentence(description) },
    help: {
      text: [...paragraphs, ...references].join('\n'),
      markdown: [...paragraphs, links].filter(Boolean).join('\n\n'),
    },
    ...(references[0] && { helpUri: references[0] }),
    defaultConfiguration: { level: LEVEL[severity] },
    properties: {
      tags: ['security', 'sagemaker', ...requirements].slice(0, MOST_TAGS),
      ...(requirements.length > 0 && { requirements: [...requirements] }),
      precision: 'very-high',
      'security-severity': SECURITY_SEVERITY[severity],
    },
  };
};

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const resultOf = (
  finding: Finding,
  {
    placeOf,
    ruleIndexes,
    labels,
  }: SarifContext & { ruleIndexes: ReadonlyMap<string, number>; labels: Labels },
): Result => {
  const {
    id,
    account,
    cause,
    control,
    status,
    severity,
    evidence,
    remediation,
    suppression,
    resource,
    principal,
    trigger,
  } = finding;
  const kind = KIND[status];
  const place = placeOf?.(finding);
  const related = relatedLocationsOf(place);
  return {
    ruleId: control,
    ruleIndex: ruleIndexes.get(control) ?? -1,
    kind,
    // The specification allows only the level “none” where nothing failed.
    level: kind === 'fail' ? LEVEL[severity] : 'none',
    message: { text: messageOf(finding, labels) },
    locations: locationsOf(finding, place),
    ...(related.length > 0 && { relatedLocations: related }),
    partialFingerprints: { 'pipewardenFinding/v1': id },
    suppressions: suppression
      ? [
          {
            kind: 'external',
            status: 'accepted',
            justification: `until ${suppression.expires}: ${suppression.reason}`,
          },
        ]
      : [],
    properties: {
      status,
      severity,
      ...(account !== undefined && { account }),
      resource,
      evidence,
      remediation,
      ...(cause !== undefined && { cause }),
      ...(principal !== undefined && { principal }),
      ...(trigger && { trigger }),
    },
  };
};

const messageOf = (finding: Finding, labels: Labels): string => {
  const { status, title, resource, subject, evidence, remediation } = finding;
  const what = `${resource.type} ${labels.of(finding)}${subject === undefined ? '' : `, ${subject}`}`;
  const [first] = evidence;
  if (!first || status === 'PASSED' || status === 'NOT_APPLICABLE')
    return inMessage(`${what}: ${sentence(title)}`);
  const more = evidence.length > 1 ? ` (and ${evidence.length - 1} more)` : '';
  return inMessage(
    `${what}: found ${first.found} at ${first.at}; expected ${sentence(first.expected + more)} ${sentence(remediation.text)}`,
  );
};

/** In a message `{0}` is a placeholder and `[text](target)` a link. A name from outside must become neither. */
const inMessage = (text: string): string =>
  oneLine(text)
    .replace(/\{(\d+)\}/g, '{{$1}}')
    .replaceAll('](', '] (');
