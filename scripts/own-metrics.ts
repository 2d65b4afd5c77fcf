import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHANGE_KINDS } from '../shared/findings/state.ts';

const FOLDER = join(import.meta.dirname, '../functions');

/** The names of the metrics that functions send, found in their sources; the variable part of a name is filled in. Failures of sinks are not among them. */
export const metricsInSources = (): string[] => {
  const sources = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(FOLDER, name), 'utf8'));
  const named = (pattern: RegExp): string[] =>
    sources.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name));
  return [
    ...named(/addMetric\('(\w+)'/g),
    ...named(/addMetric\(`(\w+_)\$\{kind\}`/g).flatMap((start) => CHANGE_KINDS.map((kind) => start + kind)),
  ];
};
