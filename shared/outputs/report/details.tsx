import type { ComponentChildren } from 'preact';
import type { Evidence } from '../../domain/finding.ts';
import { counted } from '../../text/counted.ts';
import { visibleText } from '../../text/visible-text.ts';
import { type ExcerptLine, excerptAt } from './excerpt.ts';
import type { Line, ReportFinding } from './report-findings.ts';
import type { Sources } from './sources.ts';
import { ageText, LONGEST_NAME, LongText, readableDay, readableTime, Text, visibleLines } from './text.tsx';

/** What the findings of a group share. The group’s head says it, so that their details leave it out. */
export type Shared = { remedy: boolean; expected: boolean; status: boolean };

/** Everything about a finding that its line does not show. */
export const Details = ({
  entry,
  others,
  shared,
  sources,
  now,
}: {
  entry: ReportFinding;
  /** The findings of the same cause on the same name in other accounts and Regions. */
  others: readonly ReportFinding[];
  shared: Shared;
  sources: Sources;
  now: string;
}) => (
  <>
    {entry.evidence.length > 0 && <EvidenceTable evidence={entry.evidence} hasExpected={!shared.expected} />}
    {excerptsOf(entry, sources).map((lines, index) => (
      <Excerpt key={index} lines={lines} />
    ))}
    {!shared.remedy && <Remedy {...entry.remediation} label="Mend this" />}
    <Facts entry={entry} now={now} />
    {others.length > 0 && <Members line={[entry, ...others]} now={now} />}
  </>
);

/** Where else the finding is. The command is shown where it is another one there. */
const Members = ({ line, now }: { line: Line; now: string }) => {
  const [first] = line;
  return (
    <table class="members">
      <caption>The same in {counted(line.length, 'place')}</caption>
      <thead>
        <tr>
          <th scope="col">Account</th>
          <th scope="col">Resource</th>
          <th scope="col">Open since</th>
        </tr>
      </thead>
      <tbody>
        {line.map(({ anchor, id, account, resource, openSince, remediation: { patch, changes } }) => (
          <tr key={anchor}>
            <td>
              <a href={`#${anchor}`} data-id={visibleText(id)}>
                {visibleText(account)}
              </a>
            </td>
            <td>
              <LongText>{resource.arn}</LongText>
              {patch !== undefined && patch !== first.remediation.patch && (
                <details>
                  <summary>Its command</summary>
                  <pre class="patch">{visibleLines(patch)}</pre>
                  {changes !== undefined && (
                    <p>
                      <LongText>{changes}</LongText>
                    </p>
                  )}
                </details>
              )}
            </td>
            <td>
              {readableDay(openSince)}
              {ageText(openSince, now)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const EvidenceTable = ({ evidence, hasExpected }: { evidence: Evidence[]; hasExpected: boolean }) => (
  <table class="evidence">
    <caption>Evidence</caption>
    <thead>
      <tr>
        <th scope="col">Where</th>
        <th scope="col">Found</th>
        {hasExpected && <th scope="col">Expected</th>}
      </tr>
    </thead>
    <tbody>
      {evidence.map(({ at, found, expected }, index) => (
        <tr key={index}>
          <td data-is="Where">
            <Where at={at} />
          </td>
          <td data-is="Found">
            <LongText>{found}</LongText>
          </td>
          {hasExpected && (
            <td data-is="Expected">
              <LongText>{expected}</LongText>
            </td>
          )}
        </tr>
      ))}
    </tbody>
  </table>
);

/** The end of a pointer is highlighted: it names the statement, step or field at fault. */
const Where = ({ at }: { at: string }) => {
  const [, before, end] =
    /^(.*\/)((?:Statement|Steps|IfSteps|ElseSteps|ForEachBody)\/\d+|[^/\d][^/]*)$/s.exec(at) ?? [
      undefined,
      '',
      '',
    ];
  if (!before || !end || at.length > 300 || !/^\/|\/(Steps|Statement)\//.test(at))
    return <LongText>{at}</LongText>;
  return (
    <bdi>
      {visibleText(before)}
      <mark>{visibleText(end)}</mark>
    </bdi>
  );
};

const MOST_EXCERPTS = 3;

const excerptsOf = ({ evidence, resource }: ReportFinding, sources: Sources): ExcerptLine[][] =>
  [...new Set(evidence.map(({ at }) => at))].slice(0, MOST_EXCERPTS).flatMap((at) => {
    const lines = excerptAt(at, resource.arn, sources);
    return lines ? [lines] : [];
  });

const Excerpt = ({ lines }: { lines: readonly ExcerptLine[] }) => (
  <pre class="excerpt">
    {lines.map(({ text, isMarked }, index) => {
      const line = `${visibleText(text)}\n`;
      return isMarked ? <mark key={index}>{line}</mark> : line;
    })}
  </pre>
);

export const Remedy = ({
  text,
  patch,
  undo,
  changes,
  label,
}: ReportFinding['remediation'] & { label: string }) => (
  <>
    <p class="remedy">
      <b>{label}</b> <LongText>{text}</LongText>
    </p>
    {patch !== undefined && <pre class="patch">{visibleLines(patch)}</pre>}
    {changes !== undefined && (
      <p>
        <LongText>{changes}</LongText>
      </p>
    )}
    {undo !== undefined && (
      <>
        <p>To take it back</p>
        <pre class="patch">{visibleLines(undo)}</pre>
      </>
    )}
  </>
);

const Facts = ({
  entry: { anchor, id, resource, subject, principal, trigger, suppression, openSince, lastObservedAt },
  now,
}: {
  entry: ReportFinding;
  now: string;
}) => (
  <dl>
    {suppression && (
      <Fact name="Suppressed">
        until {visibleText(suppression.expires)}: <Text>{suppression.reason}</Text>
      </Fact>
    )}
    <Fact name="Resource">
      <LongText>{resource.arn}</LongText>
    </Fact>
    {subject !== undefined && subject.length > LONGEST_NAME && (
      <Fact name="Subject">
        <LongText>{subject}</LongText>
      </Fact>
    )}
    {principal !== undefined && (
      <Fact name="Principal">
        <LongText>{principal}</LongText>
      </Fact>
    )}
    {trigger && (
      <Fact name="Trigger">
        <Text>{trigger.eventName}</Text> at {readableTime(trigger.eventTime)}, event{' '}
        <Text>{trigger.eventId}</Text>
      </Fact>
    )}
    <Fact name="Open since">
      {readableDay(openSince)}
      {ageText(openSince, now)}, seen {readableTime(lastObservedAt)}
    </Fact>
    <Fact name="Finding">
      <a href={`#${anchor}`}>
        <Text>{id}</Text>
      </a>
    </Fact>
  </dl>
);

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);
