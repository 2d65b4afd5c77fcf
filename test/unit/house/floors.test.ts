import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const shared = join(import.meta.dirname, '../../../shared');

/**
 * The folders of `shared` from top to bottom. A file may import from its own folder and from lower floors, never from a
 * higher one or from another folder of its own floor; so there can be no circle between folders. docs/architecture.md
 * says what each folder may know and what it promises.
 */
const FLOORS: string[][] = [
  ['aws/deployment', 'aws/keep', 'aws/tell'],
  ['aws/read'],
  ['outputs/evidence'],
  ['outputs/report', 'outputs/messages', 'outputs/pages'],
  ['outputs/graph'],
  ['outputs/formats'],
  ['outputs/places'],
  ['audit', 'sweep', 'proposal', 'preflight', 'who-can'],
  ['controls'],
  ['concerns'],
  ['judging'],
  ['facts', 'policies'],
  ['account-index'],
  ['needs', 'events', 'alerts', 'history'],
  ['requests', 'findings', 'authorised'],
  ['declared/cloudformation', 'declared/terraform'],
  ['declared/hcl'],
  ['declared'],
  ['reader/snapshot'],
  ['reader/answers'],
  ['reader', 'config'],
  ['definition'],
  ['iam/lint'],
  ['iam/sets'],
  ['iam/explain'],
  ['iam/decide'],
  ['frameworks', 'iam/policy'],
  ['domain'],
  ['json', 'text', ''],
];

const floorOf = new Map(
  FLOORS.flatMap((folders, floor) => folders.map((folder) => [folder, floor] as const)),
);

/** `outputs/report/page` is a program of its own, for the browser. */
const files = readdirSync(shared, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('outputs/report/page/'))
  .toSorted();

const IMPORT =
  /^(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/gm;

/** The files of `shared` that a file imports, types included, each from the root of `shared`. */
const importsIn = (file: string, text: string): string[] =>
  [...text.matchAll(IMPORT)]
    .map(([, named, called]) => relative(shared, join(shared, dirname(file), named ?? called ?? '')))
    .filter((imported) => !imported.startsWith('..'));

const folderOf = (file: string): string => (dirname(file) === '.' ? '' : dirname(file));

/** What is wrong with each import of a file that its floor does not allow. */
const wrongImports = (file: string, text: string): string[] =>
  importsIn(file, text).flatMap((imported) => {
    const [from, to] = [folderOf(file), folderOf(imported)];
    const [own, other] = [floorOf.get(from), floorOf.get(to)];
    if (own === undefined) return [`shared/${file}: the folder ${from} has no floor`];
    if (other === undefined) return [`shared/${file} imports shared/${imported}: its folder has no floor`];
    return from === to || other > own
      ? []
      : [
          `shared/${file} imports shared/${imported}, of a ${other === own ? 'neighbouring' : 'higher'} folder`,
        ];
  });

describe('the floors of shared', () => {
  test('each folder imports from lower floors only, types included', () => {
    const wrong = files.flatMap((file) => wrongImports(file, readFileSync(join(shared, file), 'utf8')));
    expect(wrong).toEqual([]);
  });

  test('each folder is on one floor, and each listed folder exists', () => {
    const folders = FLOORS.flat();
    expect(folders.toSorted()).toEqual([...new Set(files.map(folderOf))].toSorted());
  });

  test.each([
    ['for its effects', "import '../outputs/formats/table.ts';", 'higher'],
    ['of a value', "import { toTable } from '../outputs/formats/table.ts';", 'higher'],
    ['of a type', "import type { Results } from '../outputs/formats/results.ts';", 'higher'],
    ['over several lines', "import {\n  a,\n  type B,\n} from '../outputs/formats/table.ts';", 'higher'],
    ['that is made at run time', "const load = () => import('../outputs/formats/table.ts');", 'higher'],
    ['to pass it on', "export { toTable } from '../outputs/formats/table.ts';", 'higher'],
    ['from its own floor', "import { a } from '../policies/least-policy.ts';", 'neighbouring'],
  ])('an import %s that does not lead down is reported', (_, text, place) => {
    expect(wrongImports('facts/gather.ts', text)).toEqual([
      expect.stringMatching(new RegExp(`^shared/facts/gather.ts imports shared/.*, of a ${place} folder$`)),
    ]);
  });

  test.each([
    "import { parseArn } from '../domain/arn.ts';",
    "import { x } from './facts.ts';",
    "import 'yaml';",
  ])('an import that leads down is accepted: %s', (text) => {
    expect(wrongImports('facts/gather.ts', text)).toEqual([]);
  });
});
