import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from '../shared/outputs/formats/results.ts';
import { counted } from '../shared/text/counted.ts';

/** `npm start`: audits the whole account of examples/, then the resources of its events, and says where the results lie. */

const root = join(import.meta.dirname, '..');
const AUDIT = ['audit', '--snapshot', 'examples/account', '--config', 'examples/pipewarden.yaml'];
/** What the example is wrong about is no failure of this program. */
const NEVER_FAILS = ['--fail-on', 'none', '--unread', 'ok', '--quiet'];

const audit = (...options: string[]): void => {
  const { status } = spawnSync(
    process.execPath,
    ['dist/cli/pipewarden.mjs', ...AUDIT, ...NEVER_FAILS, ...options],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  if (status !== 0) process.exit(status ?? 1);
};

const resultsIn = (file: string): Pick<Results, 'findings' | 'overview'> =>
  JSON.parse(readFileSync(join(root, file), 'utf8')) as Results;

const into = (format: string, file: string): string[] => ['--format', format, '-o', file];

audit(
  ...['--format', 'table'],
  ...into('json', 'out/results.json'),
  ...into('asff', 'out/findings.asff.json'),
  ...into('html', 'out/report.html'),
);
audit(
  ...['--events', 'examples/events'],
  ...into('json', 'out/events.json'),
  ...into('html', 'out/events.html'),
);
const { findings: account, overview } = resultsIn('out/results.json');
const { findings: events } = resultsIn('out/events.json');
/** As the summary counts them: those of one cause once. */
const causes = Object.values(overview?.bySeverity ?? {}).reduce((sum, count) => sum + count, 0);
const known = new Set(account.map(({ id }) => id));
const more = events.filter(({ id }) => !known.has(id));
const jobs = more.filter(({ resource }) => resource.type === 'job');
process.stdout.write(
  [
    '',
    `Audited: the whole account of examples/account (${counted(causes, 'finding')}, above), and the resources of examples/events,`,
    `which adds ${counted(more.length, 'finding')}${jobs.length > 0 ? `, ${jobs.length} of them about jobs that were started` : ''}.`,
    'Reports for a browser: out/report.html (account), out/events.html (events). JSON and ASFF lie beside them.',
    '',
  ].join('\n'),
);
