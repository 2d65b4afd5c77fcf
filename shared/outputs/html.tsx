import { createHash } from 'node:crypto';
import type { ComponentChildren, JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { ControlMeta } from '../controls/control.ts';
import { type Evidence, type Finding, SEVERITIES, type Severity, type Status } from '../findings/finding.ts';
import { isOpen } from '../findings/status.ts';
import type { Results, Summary } from './results.ts';
import { resourceName, summaryText, visibleText } from './table.ts';

/** What the page says of a control beside its findings. */
export type ControlText = Pick<ControlMeta, 'title' | 'description' | 'risk' | 'remediation'>;

type Options = {
  /** By id; undefined for a control that this version does not know. */
  controls: (id: string) => ControlText | undefined;
  title?: string;
};

/** More findings than this in one section are listed closed, so that the section can be read at a glance. */
const MOST_OPEN = 10;
const LONGEST_VALUE = 800;

/**
 * The results as one self-contained page: no script, nothing fetched, the same bytes for the same results. Its policy
 * admits that one style sheet and nothing else, so that a name which got past the escaping could still do nothing.
 */
export const toHtml = (results: Results, { controls, title = 'Pipewarden report' }: Options): string => {
  const anchored = withAnchors(results.findings);
  const suppressed = anchored.filter(({ suppression }) => suppression !== undefined);
  const listed = anchored.filter(({ suppression }) => suppression === undefined);
  const unread = listed.filter(({ status }) => status === 'NOT_AVAILABLE');
  const faulty = listed.filter(({ status }) => status === 'FAILED' || status === 'WARNING');
  const sections: SectionContent[] = [
    ...SEVERITIES.toReversed().map((severity) => ({
      id: severity.toLowerCase(),
      heading: `${capitalised(severity)} severity`,
      findings: faulty.filter((finding) => finding.severity === severity),
    })),
    {
      id: 'not-read',
      heading: 'What could not be read',
      intro: 'Nothing is known of these: they count neither as passed nor as failed until they can be read.',
      findings: unread,
    },
    {
      id: 'suppressed',
      heading: 'Suppressed',
      intro: 'Open, but accepted until the day given. They count again after it.',
      findings: suppressed,
    },
  ].filter(({ findings }) => findings.length > 0);
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>{visibleText(`${title}: ${origin(results)}`)}</title>
        <style>{STYLE}</style>
      </head>
      <body>
        <header>
          <h1>{visibleText(title)}</h1>
          <p>
            <Text>{origin(results)}</Text>
          </p>
        </header>
        <main>
          <Posture summary={results.summary} faulty={faulty} sections={sections} controls={controls} />
          {sections.map((section) => (
            <Section key={section.id} {...section} controls={controls} />
          ))}
          <Rest findings={listed.filter(({ status }) => !isOpen(status))} />
        </main>
        <footer>
          <p>
            Made by Pipewarden from results of version {results.schemaVersion}. This page holds everything it
            shows: it runs no script and loads nothing.
          </p>
        </footer>
      </body>
    </html>
  );
  return `<!doctype html>\n${renderToString(page)}\n`;
};

/** The fragment of a finding's place in the page: for links from outside. It hangs on the finding's id alone. */
export const findingAnchor = (id: string): string =>
  `f-${createHash('sha256').update(id).digest('hex').slice(0, 12)}`;

type Anchored = Finding & { anchor: string };

/** A control may say two things of one subject: they share an id, which a page can hold only once. */
const withAnchors = (findings: readonly Finding[]): Anchored[] => {
  const uses = new Map<string, number>();
  return findings.map((finding) => {
    const use = (uses.get(finding.id) ?? 0) + 1;
    uses.set(finding.id, use);
    return { ...finding, anchor: findingAnchor(finding.id) + (use === 1 ? '' : `-${use}`) };
  });
};

type SectionContent = { id: string; heading: string; intro?: string; findings: Anchored[] };

type Group = { anchor: string; control: string; findings: [Anchored, ...Anchored[]] };

const groupsOf = ({ id, findings }: SectionContent): Group[] =>
  [...Map.groupBy(findings, ({ control }) => control)].flatMap(([control, [first, ...others]]) =>
    first ? [{ anchor: `${id}-${slug(control)}`, control, findings: [first, ...others] }] : [],
  );

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

const capitalised = (label: string): string =>
  label.charAt(0) + label.slice(1).toLowerCase().replace('_', ' ');

/** A linted file has no account and no Region. */
const origin = ({ account, region, generatedAt }: Results): string =>
  [account && `Account ${account}`, region, readableTime(generatedAt)].filter(Boolean).join(', ');

const readableTime = (iso: string): string =>
  visibleText(iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, '$1 $2 UTC'));

const plural = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`;

/** Text from outside: isolated, so that right-to-left names leave the order of what stands around them alone. */
const Text = ({ children }: { children: string }) => <bdi>{visibleText(children)}</bdi>;

const visibleLines = (text: string): string =>
  text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => visibleText(line.replaceAll('\t', '  ')))
    .join('\n');

const LongText = ({ children: text }: { children: string }): JSX.Element => {
  const characters = text.length > LONGEST_VALUE ? [...text] : [];
  if (characters.length <= LONGEST_VALUE) return <bdi>{visibleLines(text)}</bdi>;
  return (
    <details>
      <summary>
        <bdi>{visibleText(characters.slice(0, 120).join(''))}…</bdi> ({characters.length} characters)
      </summary>
      <bdi>{visibleLines(text)}</bdi>
    </details>
  );
};

const COUNTS: readonly { key: Exclude<keyof Summary, 'evaluated'>; label: string; className: string }[] = [
  { key: 'failed', label: 'Failed', className: 'failed' },
  { key: 'warning', label: 'Warnings', className: 'warning' },
  { key: 'notAvailable', label: 'Not available', className: 'not_available' },
  { key: 'suppressed', label: 'Suppressed', className: 'suppressed' },
  { key: 'passed', label: 'Passed', className: 'passed' },
];

const Posture = ({
  summary,
  faulty,
  sections,
  controls,
}: {
  summary: Summary;
  faulty: Finding[];
  sections: SectionContent[];
  controls: Options['controls'];
}) => (
  <section aria-labelledby="posture">
    <h2 id="posture">Posture</h2>
    <p class="lead">{verdict(summary, faulty)}</p>
    <Bar summary={summary} />
    <dl class="counts">
      {COUNTS.map(({ key, label, className }) => (
        <div key={key} class={className}>
          <dt>{label}</dt>
          <dd>{summary[key]}</dd>
        </div>
      ))}
    </dl>
    {sections.length > 0 && (
      <nav aria-label="Findings by control">
        <table>
          <caption>What to look at, most severe first</caption>
          <tr>
            <th scope="col">Control</th>
            <th scope="col">Severity</th>
            <th scope="col">Verdicts</th>
          </tr>
          {sections.flatMap((section) =>
            groupsOf(section).map(({ anchor, control, findings }) => (
              <tr key={anchor}>
                <td>
                  <a href={`#${anchor}`}>
                    <Text>{controls(control)?.title ?? findings[0].title}</Text>
                  </a>
                </td>
                <td>
                  <SeverityLabel severity={findings[0].severity} />
                </td>
                <td>{countsText(findings)}</td>
              </tr>
            )),
          )}
        </table>
      </nav>
    )}
  </section>
);

const verdict = (summary: Summary, faulty: readonly Finding[]): string => {
  const critical = faulty.filter(
    ({ status, severity }) => status === 'FAILED' && severity === 'CRITICAL',
  ).length;
  const failed =
    summary.failed === 0
      ? `Nothing failed of ${summary.evaluated} evaluated`
      : `${summary.failed} of ${summary.evaluated} evaluated failed`;
  const worst = critical === 0 ? '' : `, ${critical} of them critical`;
  const unread =
    summary.notAvailable === 0
      ? 'Everything could be read.'
      : `${summary.notAvailable} could not be read, so there may be more.`;
  return `${failed}${worst}. ${unread}`;
};

const Bar = ({ summary }: { summary: Summary }) => {
  const total = Math.max(1, summary.evaluated);
  const share = (count: number) => `${Number(((count / total) * 100).toFixed(2))}%`;
  return (
    <svg class="bar" role="img" width="100%" height="16">
      <title>{summaryText(summary)}</title>
      <rect width="100%" height="16" class="none" />
      {COUNTS.map(({ key, className }, index) => {
        const before = COUNTS.slice(0, index).reduce((sum, other) => sum + summary[other.key], 0);
        return summary[key] === 0 ? null : (
          <rect key={key} x={share(before)} width={share(summary[key])} height="16" class={className} />
        );
      })}
    </svg>
  );
};

const isSeverity = (sectionId: string): boolean =>
  SEVERITIES.some((severity) => severity.toLowerCase() === sectionId);

const countsText = (findings: readonly Finding[]): string => {
  const kinds = findings.map(({ status, suppression }) => (suppression ? 'SUPPRESSED' : status));
  return [...Map.groupBy(kinds, (kind) => kind)]
    .map(([kind, alike]) => `${alike.length} ${kind.toLowerCase().replace('_', ' ')}`)
    .join(', ');
};

const SeverityLabel = ({ severity }: { severity: Severity }) => (
  <b class={`label ${severity.toLowerCase()}`}>{capitalised(severity)}</b>
);

const StatusLabel = ({ status }: { status: Status }) => (
  <b class={status.toLowerCase()}>{capitalised(status)}</b>
);

const Section = (section: SectionContent & { controls: Options['controls'] }) => (
  <section aria-labelledby={section.id} class={section.id}>
    <h2 id={section.id}>
      {section.heading} <small>{plural(section.findings.length, 'finding')}</small>
    </h2>
    {section.intro && <p>{section.intro}</p>}
    {groupsOf(section).map((group) => (
      <ControlGroup
        key={group.anchor}
        {...group}
        text={section.controls(group.control)}
        isListedOpen={section.id !== 'suppressed' && section.findings.length <= MOST_OPEN}
        hasSeverity={!isSeverity(section.id)}
      />
    ))}
  </section>
);

const ControlGroup = ({
  anchor,
  control,
  findings,
  text,
  isListedOpen,
  hasSeverity,
}: Group & { text: ControlText | undefined; isListedOpen: boolean; hasSeverity: boolean }) => {
  const [first, ...others] = findings;
  const isShared = others.length > 0 && others.every((other) => remedyKey(other) === remedyKey(first));
  return (
    <article aria-labelledby={anchor}>
      <h3 id={anchor}>
        <Text>{text?.title ?? first.title}</Text> <code>{visibleText(control)}</code>
      </h3>
      {text && (
        <>
          <p>{text.description}</p>
          <p>
            <b>Risk</b> {text.risk}
          </p>
          <p>
            <b>Remediation</b> {text.remediation}
          </p>
        </>
      )}
      {isShared && <Remedy {...first.remediation} label={`Mend all ${findings.length}`} />}
      {findings.map((finding) => (
        <FindingDetails
          key={finding.id}
          finding={finding}
          isOpen={isListedOpen}
          hasRemedy={!isShared}
          hasSeverity={hasSeverity}
        />
      ))}
    </article>
  );
};

const remedyKey = ({ remediation: { text, patch } }: Finding): string => JSON.stringify([text, patch]);

const FindingDetails = ({
  finding,
  isOpen,
  hasRemedy,
  hasSeverity,
}: {
  finding: Anchored;
  isOpen: boolean;
  hasRemedy: boolean;
  hasSeverity: boolean;
}) => (
  <details open={isOpen}>
    <summary>
      <StatusLabel status={finding.status} />{' '}
      {hasSeverity && (
        <>
          <SeverityLabel severity={finding.severity} />{' '}
        </>
      )}
      {finding.resource.type} <Text>{resourceName(finding.resource.arn)}</Text>
      {finding.subject !== undefined && (
        <>
          {' › '}
          <Text>{finding.subject}</Text>
        </>
      )}
      {finding.suppression && ` until ${visibleText(finding.suppression.expires)}`}
    </summary>
    {/* Not on the details element: a browser opens one for a link only when the link's target is inside. */}
    <div id={finding.anchor}>
      {finding.evidence.length > 0 && <EvidenceTable evidence={finding.evidence} />}
      {hasRemedy && <Remedy {...finding.remediation} label="Mend this" />}
      <Facts {...finding} />
    </div>
  </details>
);

const EvidenceTable = ({ evidence }: { evidence: Evidence[] }) => (
  <table>
    <caption>Evidence</caption>
    <tr>
      <th scope="col">Where</th>
      <th scope="col">Found</th>
      <th scope="col">Expected</th>
    </tr>
    {evidence.map(({ at, found, expected }, index) => (
      <tr key={index}>
        <td>
          <LongText>{at}</LongText>
        </td>
        <td>
          <LongText>{found}</LongText>
        </td>
        <td>
          <LongText>{expected}</LongText>
        </td>
      </tr>
    ))}
  </table>
);

const Remedy = ({ text, patch, label }: { text: string; patch?: string; label: string }) => (
  <>
    <p class="remedy">
      <b>{label}</b> <Text>{text}</Text>
    </p>
    {patch !== undefined && <pre>{visibleLines(patch)}</pre>}
  </>
);

const Facts = ({
  anchor,
  resource,
  principal,
  trigger,
  suppression,
  firstObservedAt,
  lastObservedAt,
}: Anchored) => (
  <dl>
    {suppression && (
      <Fact name="Suppressed">
        until {visibleText(suppression.expires)}: <Text>{suppression.reason}</Text>
      </Fact>
    )}
    <Fact name="Resource">
      <Text>{resource.arn}</Text>
    </Fact>
    {principal !== undefined && (
      <Fact name="Principal">
        <Text>{principal}</Text>
      </Fact>
    )}
    {trigger && (
      <Fact name="Trigger">
        <Text>{trigger.eventName}</Text> at {readableTime(trigger.eventTime)}, event{' '}
        <Text>{trigger.eventId}</Text>
      </Fact>
    )}
    <Fact name="Observed">
      {firstObservedAt === lastObservedAt
        ? readableTime(lastObservedAt)
        : `${readableTime(firstObservedAt).replace(' UTC', '')} to ${readableTime(lastObservedAt)}`}
    </Fact>
    <Fact name="Link">
      <a href={`#${anchor}`}>{anchor}</a>
    </Fact>
  </dl>
);

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);

const Rest = ({ findings }: { findings: Finding[] }) =>
  findings.length === 0 ? null : (
    <section aria-labelledby="rest">
      <h2 id="rest">Passed and not applicable</h2>
      <table>
        <caption>Verdicts that ask for nothing</caption>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Control</th>
          <th scope="col">Resource</th>
        </tr>
        {findings.map(({ id, status, control, resource, subject }) => (
          <tr key={id}>
            <td>
              <StatusLabel status={status} />
            </td>
            <td>
              <Text>{control}</Text>
            </td>
            <td>
              {resource.type}{' '}
              <Text>{subject === undefined ? resource.arn : `${resource.arn} › ${subject}`}</Text>
            </td>
          </tr>
        ))}
      </table>
    </section>
  );

/** Without `"`, `&` and `<`: they would be escaped, and the bytes would not be those that the policy's hash admits. */
const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--panel:#f5f7f9;--fg:#1b1f24;--quiet:#57606a;--line:#d3d9e0;--link:#0a58ca;
--critical:#86102f;--high:#bc2a20;--medium:#8a5300;--low:#1f5fa8;--grey:#57606a;--unread:#6a3fa6;--good:#1a7340;--on:#fff}
@media screen and (prefers-color-scheme:dark){:root{--bg:#14171b;--panel:#1d2127;--fg:#e4e7eb;--quiet:#a3acb7;
--line:#3a424c;--link:#8db8ff;--critical:#ff8ba7;--high:#ff8f82;--medium:#f2b155;--low:#85b9f5;--grey:#a3acb7;
--unread:#c8a9f7;--good:#6ed09a;--on:#14171b}}
.critical{--c:var(--critical)}.high,.failed{--c:var(--high)}.medium,.warning{--c:var(--medium)}.low{--c:var(--low)}
.informational,.suppressed,.not_applicable{--c:var(--grey)}.not_available,.not-read{--c:var(--unread)}.passed{--c:var(--good)}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:2rem clamp(1rem,4vw,3rem);background:var(--bg);color:var(--fg);
font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:2px solid var(--c,var(--line))}
h3{font-size:1.0625rem;line-height:1.35;margin:0 0 .5rem}
h2 small,h3 code{color:var(--quiet);font-size:.875rem;font-weight:400}
p{margin:0 0 .5rem;max-width:50rem}
.lead{font-size:1.1875rem}
header p,footer,dt,caption,th{color:var(--quiet)}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.75rem;font-size:.875rem}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
code,pre,td bdi,summary bdi,dd bdi{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
nav td bdi{font:inherit;white-space:normal}nav td:nth-child(n+2){overflow-wrap:normal}
dl{margin:0}dd{margin:0}
.bar{display:block;border-radius:4px}rect{fill:var(--c,var(--line));stroke:var(--bg)}
.counts{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.75rem;margin:.75rem 0 1.5rem}
.counts div{display:flex;flex-direction:column-reverse;border-left:4px solid var(--c);padding:.125rem .75rem;background:var(--panel)}
.counts dd{font-size:1.625rem;line-height:1.25;font-weight:600}
table{width:100%;border-collapse:collapse;font-size:.9375rem;table-layout:fixed}
caption{text-align:left;font-size:.875rem;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.375rem .75rem .375rem 0;border-top:1px solid var(--line)}
th{font-weight:600;font-size:.875rem}td bdi{white-space:pre-wrap}
nav th:nth-child(n+2){width:20%}section#posture table{table-layout:auto}
.label{display:inline-block;background:var(--c);color:var(--on);border-radius:3px;padding:0 .375rem;font-size:.8125rem;font-weight:600}
b[class]:not(.label){color:var(--c)}
article{margin:0 0 1.5rem;padding-left:1rem;border-left:4px solid var(--c)}
article details{margin:.5rem 0;border:1px solid var(--line);border-radius:6px;padding:.5rem .75rem}
td details{border:0;margin:0;padding:0}td summary bdi{word-break:break-all}
summary{cursor:pointer}
article details[open]:not(td details){background:var(--panel)}
pre{margin:.25rem 0 .75rem;padding:.625rem .75rem;background:var(--bg);border:1px solid var(--line);border-radius:4px;white-space:pre-wrap;unicode-bidi:isolate}
article details div{scroll-margin-top:4rem}
:target{outline:2px solid var(--link);outline-offset:.5rem}
.remedy{margin-top:.75rem}
article dl{display:grid;grid-template-columns:max-content 1fr;gap:.125rem 1rem;margin-top:.75rem;font-size:.875rem}
@media (max-width:40rem){article dl{grid-template-columns:1fr}article dl dd{margin-bottom:.375rem}}
@media print{html{font-size:10pt}body{max-width:none;padding:0}article>details::details-content{content-visibility:visible;block-size:auto}
tr,summary,h2,h3,pre{break-inside:avoid}h2,h3,summary{break-after:avoid}a{color:inherit}
.label,rect,.counts div,article{print-color-adjust:exact}}
`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;
