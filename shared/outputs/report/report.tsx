import { renderToString } from 'preact-render-to-string';
import { DEFAULT_CONFIG, type FileConfig } from '../../config/schema.ts';
import { selectionTexts } from '../../findings/run-selection.ts';
import { groupBy } from '../../group-by.ts';
import { counted } from '../../text/counted.ts';
import { listed } from '../../text/listed.ts';
import { COMMAND_SHELLS } from '../../text/shell-text.ts';
import { visibleText } from '../../text/visible-text.ts';
import type { Compliance } from '../formats/compliance-outcome.ts';
import { exceptionsLine, exceptionsTogether } from '../formats/exceptions-register.ts';
import { type Overview, overviewOf } from '../formats/overview.ts';
import { byUrgency, type Results, type Summary } from '../formats/results.ts';
import { notToldBy } from '../formats/results-schema.ts';
import { addedUp, coverageLine } from '../formats/run-coverage.ts';
import { Graph } from '../graph/graph.tsx';
import { type PictureFinding, pictureOf } from '../graph/picture.ts';
import { Accounts, accountsText } from './accounts.tsx';
import { Changes } from './changes.tsx';
import { ComplianceSection } from './compliance.tsx';
import { Contents } from './contents.tsx';
import { Coverage } from './coverage.tsx';
import { Filters } from './filters.tsx';
import { type ControlText, Rest, Section } from './findings.tsx';
import { Causes, Posture, WhereItIs } from './overview.tsx';
import { teamsOf } from './owners.ts';
import { namesOf, writeDetails } from './packed.tsx';
import { pagePolicy } from './page-policy.ts';
import page from './page-script.generated.json' with { type: 'json' };
import { Register } from './register.tsx';
import { type ReportFinding, reportFindings, restOf, sectionsOf } from './report-findings.ts';
import { historyOf, type RunHistory } from './run-history.ts';
import { NO_SOURCES, type Sources } from './sources.ts';
import { ACCOUNTS_STYLE, STYLE } from './style.ts';
import { Suppressions } from './suppressions.tsx';
import { Name, readableTime, Text } from './text.tsx';
import type { Earlier } from './trend-point.ts';

export type ReportOptions = {
  /** A control by id; undefined for a control that this version does not have. */
  controls: (id: string) => ControlText | undefined;
  title?: string;
  /** Earlier runs and runs of other accounts, in any order. */
  others?: readonly Results[];
  /** Earlier runs of the same account and Region, for the trend only. */
  earlier?: Earlier;
  /** Its teams, or else its prefixes, tell the team of a finding. */
  config?: FileConfig;
  sources?: Sources;
  /** What the runs show of a framework together; else what the run itself has of one. */
  compliance?: Compliance | undefined;
};

/**
 * The results as one page that loads nothing, is complete without its script, and has the same bytes for the same
 * results. Its content security policy allows only that script and style sheet, by their hashes, so that a name which
 * got past the escaping could still do nothing.
 */
export const toHtml = (
  results: Results,
  {
    controls,
    title = 'Pipewarden report',
    others = [],
    earlier = { points: [], unread: [] },
    config = DEFAULT_CONFIG,
    sources = NO_SOURCES,
    compliance = others.length === 0 ? results.compliance : undefined,
  }: ReportOptions,
): string => {
  const history = historyOf([...others, results], earlier.points);
  const ofTeams = teamsOf(config);
  const entries = reportFindings(history, ofTeams);
  const sections = sectionsOf(entries);
  const now = history.trend.at(-1)?.at ?? results.generatedAt;
  const isOfSeveral = history.scopes.length > 0;
  const { inline, packed } = writeDetails(sections, { sources, now, isOfSeveral });
  const listed = sections.flatMap(({ groups }) => groups.flatMap(({ entries: of }) => of));
  const marks = {
    accounts: namesOf(listed, ({ account }) => account),
    pipelines: namesOf(listed, ({ pipeline }) => pipeline),
    ...(isOfSeveral && {
      teams: namesOf(listed, ({ team }) => team),
      names: new Map(history.scopes.flatMap(({ account, name }) => (name ? [[account, name]] : []))),
    }),
  };
  const style = isOfSeveral ? STYLE + ACCOUNTS_STYLE : STYLE;
  const script = isOfSeveral ? page.accountsScript : page.script;
  const titleOf = (entry: ReportFinding) => controls(entry.control)?.title ?? entry.title;
  const html = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={pagePolicy(style, script)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>{visibleText(`${title}: ${origin(history)}`)}</title>
        <style>{style}</style>
      </head>
      <body data-account={marks.accounts.length === 1 ? marks.accounts[0] : undefined}>
        <header>
          <h1>{visibleText(title)}</h1>
          <p>
            <Text>{origin(history)}</Text>
          </p>
        </header>
        <main>
          <Posture
            summary={summaryOf(history)}
            entries={entries}
            overview={overviewIn(history)}
            about={{
              coverage: coverageLine(addedUp(history.newest.map(({ coverage = [] }) => coverage))),
              exceptions: exceptionsLine(
                exceptionsTogether(history.newest.map(({ exceptions = [] }) => exceptions)),
                now,
              ),
            }}
            lead={isOfSeveral ? accountsText(history, entries) : undefined}
            isCovered={history.scopes.every(({ coverage = 'judged' }) => coverage === 'judged')}
          />
          {isOfSeveral && <Accounts history={history} entries={entries} />}
          {compliance && <ComplianceSection compliance={compliance} />}
          <Unjudged runs={history.newest} />
          <Changes history={history} entries={entries} unread={earlier.unread} />
          <WhereItIs
            entries={entries}
            teams={ofTeams && (config.teams ? 'named' : 'by prefix')}
            systemOf={(control) => controls(control)?.system}
          />
          <Causes entries={entries} titleOf={titleOf} />
          <Contents sections={sections} titleOf={titleOf} />
          <Pictures entries={listed} sources={sources} />
          {listed.length > 0 && (
            <Filters
              controls={namesOf(listed, ({ control }) => control)}
              hasNew={listed.some(({ isNew }) => isNew)}
              accounts={marks.accounts}
              pipelines={marks.pipelines}
              several={marks.teams && { scopes: history.scopes, teams: marks.teams }}
            />
          )}
          {sections.map((section) => (
            <Section
              key={section.id}
              section={section}
              controls={controls}
              detailsOf={({ anchor }) => inline.get(anchor) ?? ''}
              marks={marks}
            >
              {section.id === 'suppressed' && <Suppressions entries={entries} now={now} />}
            </Section>
          ))}
          <Register runs={history.newest} now={now} />
          <Coverage runs={history.newest} />
          <Rest entries={restOf(entries)} />
        </main>
        <footer>
          <p>
            Made by Pipewarden from results of version {results.schemaVersion}
            {madeBy(results) && (
              <>
                {' ('}
                <Text>{madeBy(results)}</Text>)
              </>
            )}
            . This page holds everything it shows, and loads nothing. Its commands are for {COMMAND_SHELLS}.
          </p>
        </footer>
        {packed !== undefined && (
          <script type="application/octet-stream" id="packed">
            {packed}
          </script>
        )}
        <script dangerouslySetInnerHTML={{ __html: script }} />
      </body>
    </html>
  );
  return `<!doctype html>\n${renderToString(html)}\n`;
};

/** The controls that judged nothing, and why. What they would have found is not known. */
const Unjudged = ({ runs }: { runs: readonly Results[] }) => {
  // What the configuration lacks is told above, unless the results are of an older version.
  const off = offIn(runs);
  const parts = partsOf(runs);
  return off.length === 0 && parts.length === 0 ? null : (
    <section aria-labelledby="unjudged">
      <h2 id="unjudged">Not judged</h2>
      {parts.map((text) => (
        <p key={text}>
          <Text>{text}</Text>
        </p>
      ))}
      {off.length > 0 && (
        <details class="list" open={off.length <= 5}>
          <summary>
            Controls that judged nothing <small>{off.length}</small>
          </summary>
          <ul>
            {off.map(({ control, because }, index) => (
              <li key={index}>
                <Text>{control}</Text> <small> {visibleText(because)}</small>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
};

/** What the runs left out, and what they do not say of it, each once. */
const partsOf = (runs: readonly Results[]): string[] => [
  ...new Set(
    runs.flatMap((run) => {
      const { mode, scope, schemaVersion } = run;
      const [narrowed, notTold] = [selectionTexts(scope?.selection ?? {}), notToldBy(run)];
      return [
        ...(mode === 'events'
          ? ['The runs looked only at the resources of events: nothing new is known of the others.']
          : []),
        ...(narrowed.length > 0
          ? [`A run was narrowed: ${narrowed.join('; ')}. Nothing new is known of what it left out.`]
          : []),
        ...(notTold.length > 0
          ? [`Results of version ${schemaVersion} do not say ${notTold.join(', ')}.`]
          : []),
      ];
    }),
  ),
];

/** The controls that judged nothing, each once where that is so for the same reason in several accounts. */
const offIn = (runs: readonly Results[]): { control: string; because: string }[] => {
  const all = runs.flatMap(({ account, controlsOff = [], overview, scopes }) =>
    controlsOff
      .filter(({ why }) => why === 'control-off' || (!overview && !scopes))
      .map(({ control, because }) => ({ account, control, because })),
  );
  const groups = groupBy(all, ({ control, because }) => JSON.stringify([control, because]));
  const total = new Set(runs.map(({ account }) => account).filter(Boolean)).size;
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const accounts = [...new Set([first, ...others].map(({ account }) => account))];
    const where = total <= 1 || accounts.length === total ? '' : ` (in ${listed(accounts)})`;
    return [{ control: first.control, because: `${first.because}${where}` }];
  });
};

/** Linted files have no account and no Region. */
const origin = ({ newest, scopes }: RunHistory): string => {
  const accounts = [...new Set(newest.map(({ account }) => account).filter(Boolean))].toSorted();
  const asked = scopes.length > 0 ? scopes : newest;
  const regions = [...new Set(asked.map(({ region }) => region).filter(Boolean))].toSorted();
  const whose =
    accounts.length > 3
      ? counted(accounts.length, 'account')
      : accounts.map((each) => `Account ${each}`).join(', ');
  return [
    whose,
    ...regions,
    readableTime(
      newest
        .map(({ generatedAt }) => generatedAt)
        .toSorted()
        .at(-1) ?? '',
    ),
  ]
    .filter(Boolean)
    .join(', ');
};

const summaryOf = ({ newest }: RunHistory): Summary => {
  const sum = (key: keyof Summary) => newest.reduce((total, { summary }) => total + summary[key], 0);
  return {
    evaluated: sum('evaluated'),
    passed: sum('passed'),
    failed: sum('failed'),
    warning: sum('warning'),
    notAvailable: sum('notAvailable'),
    suppressed: sum('suppressed'),
  };
};

/** What made the newest results, for whom, and by which configuration. */
const madeBy = ({ tool, invocation }: Results): string => {
  const { caller, configuration } = invocation ?? {};
  const { path = 'no configuration', digest } = configuration ?? {};
  return [
    tool && `${tool.name} ${tool.version}`,
    invocation?.command,
    caller && `by ${caller}`,
    configuration && `with ${path}, digest ${digest}`,
  ]
    .filter(Boolean)
    .join(', ');
};

/** Of several accounts, a list or file is told once, with the controls that lack it in any of them. */
const overviewIn = ({ newest }: RunHistory): Overview => {
  const lists = groupBy(
    newest.flatMap(({ overview }) => overview?.notConfigured ?? []),
    ({ list }) => list,
  );
  const files = groupBy(
    newest.flatMap(({ overview }) => overview?.notInSnapshot ?? []),
    ({ file }) => file,
  );
  const controlsOf = (of: readonly { controls: readonly string[] }[]): string[] => [
    ...new Set(of.flatMap(({ controls }) => controls)),
  ];
  return overviewOf(newest.flatMap(({ findings }) => findings).toSorted(byUrgency), {
    notConfigured: [...lists].map(([list, of]) => ({ list, controls: controlsOf(of) })),
    notInSnapshot: [...files].map(([file, of]) => ({ file, controls: controlsOf(of) })),
  });
};

/** The pipelines whose definitions were read, with their findings. */
const Pictures = ({ entries, sources }: { entries: readonly ReportFinding[]; sources: Sources }) => {
  const pictures = [...sources.pipelines].flatMap(([arn, source]) => {
    const own = entries.filter(({ resource }) => isOn(resource.arn.toLowerCase(), arn));
    return own.length === 0 ? [] : { own, picture: pictureOf(source, own) };
  });
  if (pictures.length === 0) return null;
  return (
    <section aria-labelledby="pipelines">
      <h2 id="pipelines">
        Pipelines <small>{counted(pictures.length, 'picture')}</small>
      </h2>
      {pictures.map(({ picture, own }, index) => (
        <details key={picture.name} open={index === 0} class="list">
          <summary>
            <Name>{picture.name}</Name> <small>{counted(own.length, 'finding')}</small>
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <section class="scroll" tabIndex={0} aria-label={`Steps of ${visibleText(picture.name)}`}>
            <Graph picture={picture} idPrefix={`graph-${index}`} hrefOf={hrefIn(own)} />
          </section>
        </details>
      ))}
    </section>
  );
};

const isOn = (resourceArn: string, pipelineArn: string): boolean =>
  resourceArn === pipelineArn || resourceArn.startsWith(`${pipelineArn}/`);

const hrefIn = (entries: readonly ReportFinding[]) => {
  const anchors = new Map(entries.map(({ id, anchor }) => [id, `#${anchor}`]));
  return ({ id }: PictureFinding) => anchors.get(id);
};
