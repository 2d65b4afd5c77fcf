import type { Counts } from './cost-counts.ts';
import { keptWork } from './cost-kept.ts';
import {
  AT_REST,
  idle,
  type Line,
  linesOf,
  perMillionEvents,
  SIZES,
  type Size,
  total,
} from './cost-lines.ts';
import { PRICES } from './cost-prices.ts';

type Counted = { counts: Counts; ownMetrics: number };
/** A deployment of a size, with how many metrics of its own it may send. */
type Costed = { size: Size } & Counted;

/** A deployment that keeps all that it can. */
const KEPT = { history: 'on', evidence: 'monthly' } as const;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const dollars = (amount: number): string => (amount > 0 && amount < 0.005 ? '< 0.01' : amount.toFixed(2));
const thousands = (number: number): string => number.toLocaleString('en-US');

/** The tables of costs in docs/operations.md. */
export const costTables = (countsOf: (size: Size, over?: typeof KEPT) => Counted): string => {
  const costed = SIZES.map((size): Costed => ({ size, ...countsOf(size) }));
  const lines = costed.map(({ counts, size, ownMetrics }) => linesOf(counts, size, ownMetrics));
  const parts = lines[0]?.map(({ part }) => part) ?? [];
  const of = (part: string) => lines.map((all) => dollars(total(all.filter((line) => line.part === part))));
  const sumOf = (isWanted: (line: Line) => boolean) =>
    lines.map((all) => `**${dollars(total(all.filter(isWanted)))}**`);
  const big = costed.find(({ size }) => size.name === 'big');
  const unconfirmed = Object.values(PRICES).filter(({ known }) => known === 'unconfirmed').length;
  return [
    row(['', ...SIZES.map(({ name }) => name)]),
    row(['---', ...SIZES.map(() => '---:')]),
    row(['accounts × Regions', ...SIZES.map(({ accounts, regions }) => `${accounts} × ${regions}`)]),
    row(['pipelines, each run once a day', ...SIZES.map(({ pipelines }) => thousands(pipelines))]),
    row([
      'roles and users; buckets',
      ...SIZES.map(({ principals, buckets }) => `${thousands(principals)}; ${buckets}`),
    ]),
    ...AT_REST.map((part) => row([label(part, costed), ...of(part)])),
    row(['**at rest**', ...sumOf(({ part }) => AT_REST.includes(part))]),
    ...parts.filter((part) => !AT_REST.includes(part)).map((part) => row([part, ...of(part)])),
    row(['**sum, dollars a month**', ...sumOf(() => true)]),
    row([
      'the same with nothing in it: sweeps alone',
      ...costed.map(({ counts, size, ownMetrics }) =>
        dollars(total(linesOf(counts, idle(size), ownMetrics))),
      ),
    ]),
    row([
      'more with `--history on --evidence monthly`, and twelve months of both',
      ...costed.map((each) => {
        const kept = countsOf(each.size, KEPT);
        const [without, all] = [each, kept].map(({ counts, ownMetrics }) =>
          total(linesOf(counts, each.size, ownMetrics)),
        );
        return dollars((all ?? 0) - (without ?? 0) + keptWork(kept.counts, each.size));
      }),
    ]),
    '',
    `A million more events cost ${big ? dollars(perMillionEvents(big.counts, big.size)) : ''} dollars in the big size. ${unconfirmed} of the ${Object.keys(PRICES).length} prices could not be read on AWS’s page and are what others report.`,
  ].join('\n');
};

/** How many there are of what costs by the piece, where it is the same for an account and for an organization or not. */
const label = (part: string, costed: readonly Costed[]): string => {
  const numbers: Record<string, (each: Costed) => number> = {
    'metrics in alarms': ({ counts }) => counts.alarmMetrics,
    'own metrics': ({ ownMetrics }) => ownMetrics,
    'keys and secrets': ({ counts }) => counts.keys + counts.secrets,
  };
  const numberOf = numbers[part];
  if (!numberOf) return part;
  const counted = [...new Set(costed.map(numberOf))];
  return `${part} (${counted.join(', ')}${part === 'own metrics' ? ' at most' : ''})`;
};
