import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import type { Log } from 'sarif';
import { DESCRIBED_CONTROLS, describedControl } from '../../shared/controls/texts.ts';
import { toMarkdown } from '../../shared/outputs/formats/markdown.ts';
import { toOcsf } from '../../shared/outputs/formats/ocsf.ts';
import { toOscal } from '../../shared/outputs/formats/oscal.ts';
import type { Results } from '../../shared/outputs/formats/results.ts';
import { toSarif } from '../../shared/outputs/formats/sarif.ts';
import { lintedPlaces } from '../../shared/outputs/places/evidence-places.ts';
import { packOf, watchedAll } from '../support/builders/evidence-pack.ts';
import { aFinding } from '../support/builders/finding.ts';
import { aChange, aLook, anyRecord } from '../support/builders/history.ts';
import { manyAccounts } from '../support/builders/many-accounts.ts';
import { everyFinding, HOSTILE, resultsWith, sayingEverywhere } from '../support/builders/results.ts';
import { ROOT, run } from '../support/commands/cli.ts';
import { SARIF_MULTITOOL } from '../support/jest/needed-tools.ts';
import { describeWith } from '../support/jest/tools.ts';
import { pythonProgram } from '../support/python/python-env.ts';

const controls = describedControl;
const version = '0.1.0';

const runs: Record<string, Results> = {
  'of an account': resultsWith(everyFinding()),
  'of files': resultsWith([aFinding({ resource: { type: 'pipeline', arn: 'pipelines/fraud.json' } })], ''),
  'without findings': resultsWith([]),
  'of several accounts': manyAccounts(3, { perAccount: 4, isAlike: true }),
};

const python = (what: string, texts: readonly string[] = []): unknown =>
  JSON.parse(
    execFileSync(
      pythonProgram('formats', 'python'),
      ['-B', join(import.meta.dirname, '../support/python/validate_formats.py'), what],
      { input: JSON.stringify(texts), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    ),
  );

const validator = (schema: object): ValidateFunction => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
};

describeWith('sarif-multitool', 'SARIF', () => {
  const files = new Map([['pipelines/fraud.json', '{"Steps": [\n{"Name": "Train"}]}']]);
  const sarif = (results: Results) =>
    toSarif(results, { controls, version, placeOf: lintedPlaces(files, results.findings) });

  test.each(Object.entries(runs))('a run %s is valid by the schema of SARIF 2.1.0', (_, results) => {
    const schema = JSON.parse(readFileSync(join(dirname(SARIF_MULTITOOL), 'sarif-2.1.0.json'), 'utf8'));
    const validate = validator(schema);
    validate(JSON.parse(sarif(results)));
    expect(validate.errors).toBeNull();
  });

  const toldBy = async (text: string): Promise<string[]> => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-sarif-'));
    try {
      await writeFile(join(folder, 'a.sarif'), text);
      const { status } = spawnSync(SARIF_MULTITOOL, ['validate', 'a.sarif', '-o', 'out.sarif'], {
        cwd: folder,
      });
      const log = JSON.parse((await readFile(join(folder, 'out.sarif'), 'utf8')).replace(/^\uFEFF/, ''));
      const told = log.runs.flatMap(({ results = [] }: { results: { ruleId: string }[] }) => results);
      return [
        ...(status === 0 ? [] : [`exit status ${status}`]),
        ...told.map((each: { ruleId: string }) => each.ruleId),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  test.each(Object.entries(runs))(
    'Microsoft’s validator misses nothing in a run %s but a home page',
    async (_, results) => {
      expect(await toldBy(sarif(results))).toEqual(['SARIF2005']);
    },
  );

  test('of an audit of a snapshot, each result is at a file of it, and the validator misses no more', async () => {
    const source = ['--snapshot', 'examples/account', '--events', 'examples/events'];
    const config = ['--config', 'examples/pipewarden.yaml'];
    const { stdout: text } = await run(['audit', ...source, ...config, '--format', 'sarif', '--quiet']);
    expect(await toldBy(text)).toEqual(['SARIF2005']);
    const [only] = (JSON.parse(text) as Log).runs;
    const places = (only?.results ?? []).map(({ locations }) => locations?.[0]?.physicalLocation);
    expect(places.length).toBeGreaterThan(10);
    for (const place of places) {
      const { uri = '' } = place?.artifactLocation ?? {};
      const lines = readFileSync(join(ROOT, uri), 'utf8').split('\n');
      const { startLine = 0, startColumn = 1 } = place?.region ?? {};
      expect(lines[startLine - 1]?.length).toBeGreaterThanOrEqual(startColumn);
    }
  });

  test('the validator finds mistakes in a wrong document', async () => {
    const log = JSON.parse(sarif(resultsWith([aFinding()])));
    log.runs[0].results[0].ruleIndex = 7;
    expect(await toldBy(JSON.stringify(log))).toContain('SARIF1009');
  });
});

describeWith('the validators of formats', 'OCSF, OSCAL and Markdown', () => {
  const ocsf = (results: Results) => toOcsf(results, { controls, version, partition: 'aws' });
  const oscal = (results: Results) => toOscal(results, { controls: DESCRIBED_CONTROLS, version });

  test('each line is a Compliance Finding of OCSF 1.6 with the profiles cloud and datetime', () => {
    const validate = validator(python('ocsf-schema') as object);
    const lines = Object.values(runs).flatMap((results) => ocsf(results).split('\n').slice(0, -1));
    expect(lines).toHaveLength(Object.values(runs).flatMap(({ findings }) => findings).length);
    for (const line of lines) {
      validate(JSON.parse(line));
      expect(validate.errors).toBeNull();
    }
    const [first = '{}'] = lines;
    for (const mistake of [
      { colour: 'red' },
      { class_uid: '2003' },
      { finding_info: {} },
      { severity_id: 17 },
    ])
      expect(validate({ ...JSON.parse(first), ...mistake })).toBe(false);
  });

  test('compliance-trestle reads the assessment results, and all their references lead somewhere', () => {
    const documents = Object.values(runs).map(oscal);
    expect(python('oscal', documents)).toEqual(documents.map(() => []));
    const broken = documents.map((text) => text.replace('"start":', '"began":'));
    for (const faults of python('oscal', broken) as string[][]) expect(faults).not.toEqual([]);
  });

  test('compliance-trestle reads the plan and the results of an evidence pack, which names its plan', async () => {
    const packs = await Promise.all([
      packOf([]),
      packOf([...watchedAll(), aLook(), aLook({ at: '2026-11-26T20:00:00.000Z' }), aChange()], {
        making: { controls: DESCRIBED_CONTROLS, version },
      }),
      ...fc
        .sample(fc.array(anyRecord, { minLength: 5, maxLength: 40 }), { numRuns: 5, seed: 1 })
        .map((of) => packOf(of)),
    ]);
    const texts = (name: string) => packs.map(({ files }) => String(files.get(name)));
    expect(python('oscal-plan', texts('assessment-plan.json'))).toEqual(packs.map(() => []));
    expect(python('oscal', texts('assessment-results.json'))).toEqual(packs.map(() => []));
    for (const text of texts('assessment-results.json'))
      expect(JSON.parse(text)['assessment-results']['import-ap']).toEqual({ href: 'assessment-plan.json' });
    const broken = texts('assessment-plan.json').map((text) => text.replace('"import-ssp":', '"imports":'));
    for (const faults of python('oscal-plan', broken) as string[][]) expect(faults).not.toEqual([]);
  });

  test('GitHub makes of a hostile name no link, no mention, no HTML and no block of its own', () => {
    const plain = toMarkdown(resultsWith([sayingEverywhere('plain')]));
    const tagsOf = (html: string) => [...html.matchAll(/<\/?[a-z][^>]*>/g)].map(([tag]) => tag).join('');
    const texts = HOSTILE.filter((text) => text.trim() !== '').map((text) =>
      toMarkdown(resultsWith([sayingEverywhere(text)])),
    );
    const [expected = '', ...pages] = python('markdown', [plain, ...texts]) as string[];
    for (const page of pages) expect(tagsOf(page)).toBe(tagsOf(expected));
    const titles = pages.map((page) => page.replaceAll(/<code>.*?<\/code>/gs, ''));
    for (const text of titles) expect(text).not.toMatch(/@\w|https?:\/\/[^<]*<\/a>/);
  });
});
