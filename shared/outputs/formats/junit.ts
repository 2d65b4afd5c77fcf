import type { Finding } from '../../domain/finding.ts';
import { groupBy } from '../../group-by.ts';
import { oneLine } from '../../text/one-line.ts';
import { shellsOf } from '../../text/shell-text.ts';
import { type PlaceOf, placedAt } from '../places/evidence-places.ts';
import { type Labels, labelsOf } from './resource-label.ts';
import type { Results } from './results.ts';

/**
 * The findings as JUnit XML, with a suite for each control. FAILED and WARNING are failures, NOT_AVAILABLE is an error,
 * suppressed and NOT_APPLICABLE are skipped. Passed verdicts appear only where the results list them.
 */
export const toJunit = (results: Results, placeOf: PlaceOf = () => undefined): string => {
  const labels = labelsOf(results.findings, results.scopes);
  const suites = [...groupBy(results.findings, ({ control }) => control)];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pipewarden"${counts(results.findings)}>`,
    ...suites.flatMap(([control, findings]) => suiteLines(control, findings, results, { labels, placeOf })),
    '</testsuites>',
    '',
  ].join('\n');
};

const suiteLines = (
  control: string,
  findings: readonly Finding[],
  { generatedAt, account, region, mode, tool, invocation }: Results,
  about: About,
) => [
  `  <testsuite${attributes({ name: control })}${counts(findings)}${attributes({ timestamp: generatedAt.replace(/\.\d+Z$|Z$/, '') })}>`,
  '    <properties>',
  ...Object.entries({
    account,
    region,
    mode,
    version: tool?.version,
    caller: invocation?.caller,
    configuration: invocation?.configuration.digest,
  }).flatMap(([name, value]) =>
    value === undefined ? [] : `      <property${attributes({ name, value })}/>`,
  ),
  '    </properties>',
  ...findings.flatMap((finding) => caseLines(finding, about)),
  '  </testsuite>',
];

const caseLines = (finding: Finding, { labels, placeOf }: About): string[] => {
  const { resource, subject, control, title } = finding;
  const name = `${resource.type} ${labels.of(finding)}${subject === undefined ? '' : ` › ${subject}`}`;
  const outcome = outcomeOf(finding);
  const about = attributes({ name, classname: control, time: '0' });
  if (outcome === 'passed') return [`    <testcase${about}/>`];
  const { status, severity, suppression } = finding;
  const message = suppression ? `suppressed until ${suppression.expires}: ${suppression.reason}` : title;
  const opening = `      <${outcome}${attributes(outcome === 'skipped' ? { message } : { message, type: `${status} ${severity}` })}`;
  return [
    `    <testcase${about}>`,
    outcome === 'skipped' ? `${opening}/>` : `${opening}>${escaped(details(finding, placeOf))}</${outcome}>`,
    '    </testcase>',
  ];
};

type About = { labels: Labels; placeOf: PlaceOf };

type CaseOutcome = 'passed' | 'failure' | 'error' | 'skipped';

const outcomeOf = ({ status, suppression }: Finding): CaseOutcome => {
  if (suppression) return 'skipped';
  switch (status) {
    case 'PASSED':
      return 'passed';
    case 'FAILED':
    case 'WARNING':
      return 'failure';
    case 'NOT_AVAILABLE':
      return 'error';
    case 'NOT_APPLICABLE':
      return 'skipped';
  }
};

const details = (finding: Finding, placeOf: PlaceOf): string => {
  const { resource, evidence, remediation, id } = finding;
  const place = placeOf(finding);
  return [
    `resource: ${oneLine(resource.arn)}`,
    ...evidence.flatMap(({ at, found, expected }) => [
      `at: ${oneLine(placedAt(at, place))}`,
      `found: ${oneLine(found)}`,
      `expected: ${oneLine(expected)}`,
    ]),
    `remedy: ${oneLine(remediation.text)}`,
    ...(remediation.patch === undefined
      ? []
      : [
          `${['patch', shellsOf(remediation.patch)].join(' ').trimEnd()}:`,
          ...remediation.patch.split('\n').map(oneLine),
        ]),
    ...(remediation.undo === undefined ? [] : [`undo: ${oneLine(remediation.undo)}`]),
    ...(remediation.changes === undefined ? [] : [`changes: ${oneLine(remediation.changes)}`]),
    `finding: ${id}`,
  ].join('\n');
};

const counts = (findings: readonly Finding[]): string => {
  const having = (outcome: CaseOutcome) =>
    String(findings.filter((each) => outcomeOf(each) === outcome).length);
  return attributes({
    tests: String(findings.length),
    failures: having('failure'),
    errors: having('error'),
    skipped: having('skipped'),
    time: '0',
  });
};

const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(oneLine(value))}"`)
    .join('');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** `oneLine` has already replaced the characters that XML 1.0 cannot contain. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
