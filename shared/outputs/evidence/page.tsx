import { renderToString } from 'preact-render-to-string';
import type { Framework } from '../../frameworks/framework.ts';
import { counted } from '../../text/counted.ts';
import { listed } from '../../text/listed.ts';
import { visibleText } from '../../text/visible-text.ts';
import { pagePolicy } from '../report/page-policy.ts';
import { STYLE } from '../report/style.ts';
import { Name, readableTime, Text } from '../report/text.tsx';
import { Changes, Deployments, Exceptions, Faults, Population } from './history-parts.tsx';
import type { Manifest } from './manifest.ts';
import type { EvidenceModel } from './model.ts';
import { Part } from './page-parts.tsx';
import { PACK_STYLE } from './page-style.ts';
import { hoursBetween, STANDS_HOURS } from './period.ts';
import { Signing } from './sign-off.tsx';
import { talliesOf, totalOf } from './tallies.ts';
import { Controls, Requirements } from './tally-parts.tsx';
import { GapNotice, Gaps } from './watch-parts.tsx';

type Titled = { id: string; title: string };

/** What a page says besides its model. */
export type PageOptions = {
  controls: readonly Titled[];
  framework?: Framework;
  made: Pick<Manifest, 'tool' | 'refused' | 'configurations'> & { records: number };
};

/**
 * The page of a pack. It loads nothing, runs no script and has the same bytes for the same records, so that whoever verifies a pack can make
 * it again.
 */
export const evidencePage = (model: EvidenceModel, { controls, framework, made }: PageOptions): string => {
  const style = STYLE + PACK_STYLE;
  const titles = new Map(controls.map(({ id, title }) => [id, title]));
  const titleOf = (control: string): string =>
    titles.get(control) ?? 'a control that this version does not have';
  const tallies = talliesOf(model);
  const title = `Evidence pack: Amazon SageMaker Pipelines, ${model.asked.from} to ${model.asked.to}`;
  const parts = [
    { id: 'gaps', title: 'What was not watched', of: <Gaps gaps={model.gaps} /> },
    { id: 'controls', title: 'Controls', of: <Controls tallies={tallies} titleOf={titleOf} /> },
    ...(framework
      ? [
          {
            id: 'requirements',
            title: `Requirements: ${framework.name}`,
            of: <Requirements framework={framework} tallies={tallies} titleOf={titleOf} />,
          },
        ]
      : []),
    { id: 'faults', title: 'What was at fault or unknown', of: <Faults stretches={model.stretches} /> },
    { id: 'changes', title: 'Openings and ends', of: <Changes changes={model.changes} /> },
    { id: 'exceptions', title: 'Exceptions', of: <Exceptions exceptions={model.exceptions} /> },
    { id: 'population', title: 'Population', of: <Population members={model.members} /> },
    {
      id: 'deployments',
      title: 'Deployments of the auditor',
      of: <Deployments deployments={model.deployments} />,
    },
    { id: 'verify', title: 'How to verify this pack', of: <Verify /> },
    { id: 'sign-off', title: 'Sign-off', of: <Signing /> },
  ];
  const html = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={pagePolicy(style)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>{visibleText(title)}</title>
        <style>{style}</style>
      </head>
      <body>
        <header>
          <h1>Evidence pack: Amazon SageMaker Pipelines</h1>
          <Facts model={model} framework={framework} made={made} />
        </header>
        <main>
          <GapNotice model={model} refused={made.refused.count} />
          <Figures model={model} total={totalOf(tallies, 'end')} tallies={tallies.length} />
          <nav aria-labelledby="contents">
            <h2 id="contents">Contents</h2>
            <ol>
              {parts.map(({ id, title: name }) => (
                <li key={id}>
                  <a href={`#${id}`}>{name}</a>
                </li>
              ))}
            </ol>
          </nav>
          {parts.map(({ id, title: name, of }) => (
            <Part key={id} id={id} title={name}>
              {of}
            </Part>
          ))}
        </main>
        <footer>
          <p>
            Made by Pipewarden {visibleText(made.tool.version)} from {counted(made.records, 'record')}. This
            page holds everything it shows, and loads nothing. All times are in UTC.
          </p>
        </footer>
      </body>
    </html>
  );
  return `<!doctype html>\n${renderToString(html)}\n`;
};

const Facts = ({
  model: { asked, begin, end, places, deployments },
  framework,
  made,
}: {
  model: EvidenceModel;
  framework: Framework | undefined;
  made: PageOptions['made'];
}) => {
  const versions = [...new Set(deployments.map(({ version }) => version))];
  const isShort = end === asked.madeAt;
  return (
    <dl class="facts">
      <dt>Period</dt>
      <dd>
        {readableTime(begin)} to {readableTime(end)}
        {isShort && ', when the pack was made: the rest of the period is not in it'}
      </dd>
      <dt>Accounts</dt>
      <dd>
        <Text>{listed(places.accounts, 20) || 'none'}</Text>
        {asked.accounts.length > 0 && ` (asked for: ${listed(asked.accounts, 20)})`}
      </dd>
      <dt>Regions</dt>
      <dd>
        <Text>{listed(places.regions, 20) || 'none'}</Text>
        {asked.regions.length > 0 && ` (asked for: ${listed(asked.regions, 20)})`}
      </dd>
      <dt>Framework</dt>
      <dd>{framework ? `${framework.name}, ${framework.edition}` : 'none was named'}</dd>
      <dt>Auditor</dt>
      <dd>
        Pipewarden <Name>{listed(versions, 5) || '(no record)'}</Name>,{' '}
        {counted(made.configurations.length, 'configuration')}
      </dd>
      <dt>Made</dt>
      <dd>{readableTime(asked.madeAt)}</dd>
    </dl>
  );
};

const Figures = ({
  model: { members, changes, exceptions, begin, end, looks },
  total,
  tallies,
}: {
  model: EvidenceModel;
  total: ReturnType<typeof totalOf>;
  tallies: number;
}) => {
  const unknown = total.unknown + total['not-judged'] + total['not-looked-at'] + total['no-verdict'];
  const figures: [label: string, count: number, tone: string][] = [
    ['Failed', total.failed, 'failed'],
    ['Warning', total.warning, 'warning'],
    ['Unknown', unknown, 'not_available'],
    ['Accepted', total.accepted, 'suppressed'],
    ['Passed', total.passed, 'passed'],
  ];
  const ended = changes.filter((change) => change.ended !== undefined);
  const mended = ended.filter(({ ended: end }) => end?.how === 'mended').length;
  return (
    <section aria-labelledby="end">
      <h2 id="end">At the end of the period</h2>
      <p>
        {counted(tallies, 'control')}, each on every resource of its population: what its newest look of at
        most {STANDS_HOURS} hours before the end said. What has run is looked at once.
      </p>
      <dl class="counts">
        {figures.map(([label, count, tone]) => (
          <div key={label} class={tone}>
            <dt>{label}</dt>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
      <p>
        In {counted(Math.ceil(hoursBetween(begin, end) / 24), 'day')}: {counted(members.size, 'resource')},{' '}
        {counted(looks, 'look')};{' '}
        {counted(changes.filter(({ change }) => change === 'opened').length, 'finding')} opened, {mended}{' '}
        mended, {ended.length - mended} ended otherwise; {counted(exceptions.length, 'exception')} in force.
      </p>
    </section>
  );
};

const Verify = () => (
  <>
    <p>
      <code>records.jsonl</code> holds every record on which this page rests, each with the hash of the one
      before. <code>manifest.json</code> holds the hash of each file and of the last record, and{' '}
      <code>manifest.sig.json</code> its signature.
    </p>
    <pre>pipewarden evidence verify FOLDER --public-key KEY.pem</pre>
    <p>
      This checks the hashes, the chain and the signature, and makes the other files again from the records.
      Get the public key from whoever signs, and not from the pack. A pack proves what the history held when
      it was made. It does not prove that the history held everything: that is what the gaps are about.
    </p>
  </>
);
