import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AuditInputOptions } from '../../../cli/audit-input.ts';
import { scopesOf } from '../../../cli/audit-input.ts';
import { auditRun } from '../../../cli/audit-run.ts';
import { SILENT } from '../../../cli/progress.ts';
import { resultsOfRun } from '../../../cli/run-results.ts';
import type { SelectionOptions } from '../../../cli/selection.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import type { FileConfig } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { compareRuns, counts } from '../../../shared/findings/compare-runs.ts';
import { meansResource } from '../../../shared/findings/run-selection.ts';
import type { Results } from '../../../shared/outputs/formats/results.ts';
import { parseResults } from '../../../shared/outputs/formats/results-schema.ts';
import { folderOf, removeFolders } from '../../support/builders/snapshot-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ACCOUNT = join(ROOT, 'examples/account');
const FILES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(ACCOUNT, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .map((path) => [path, readFileSync(join(ACCOUNT, path), 'utf8')]),
);
const IDS = CONTROLS.map(({ id }) => id);
const CONFIG = parseConfig(
  readFileSync(join(ROOT, 'examples/pipewarden.yaml'), 'utf8'),
  'pipewarden.yaml',
  IDS,
);

/** A change of the account that may mend something, break something, or keep it from being read. */
type Change = { file: string; to: 'missing' | 'absent' | 'broken' } | { text: readonly [string, string] };

/** Whatever it takes to make the second run look at less than the first. */
type Less = { off: readonly string[]; events: readonly string[] | undefined; selection: SelectionOptions };

const changed = (changes: readonly Change[]): Record<string, unknown> => {
  const files: Record<string, unknown> = { ...FILES };
  for (const change of changes)
    if ('text' in change) {
      const [from, to] = change.text;
      for (const [path, text] of Object.entries(files))
        if (typeof text === 'string') files[path] = text.replaceAll(from, to);
    } else if (change.to === 'missing') delete files[change.file];
    else files[change.file] = change.to === 'absent' ? '{"absent":true}' : '{';
  return files;
};

const withOff = (off: readonly string[]): FileConfig => ({
  ...CONFIG,
  controls: Object.fromEntries(off.map((id) => [id, { enabled: false, reason: 'PLAT-1' }])),
});

const event = (name: string) => ({
  eventVersion: '1.11',
  eventTime: '2026-11-20T10:00:00Z',
  eventSource: 'sagemaker.amazonaws.com',
  eventName: 'UpdatePipeline',
  awsRegion: 'eu-west-1',
  requestParameters: { pipelineName: name },
  responseElements: { pipelineArn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}` },
  eventID: `e-${name}`,
  recipientAccountId: '111122223333',
  eventCategory: 'Management',
});

/** The results of a run as its file holds them, and with all verdicts, which tell what it looked at. */
const runOf = async (
  files: Record<string, unknown>,
  { off, events, selection }: Less,
): Promise<{ results: Results; verdicts: readonly Finding[] }> => {
  const dir = await folderOf(files);
  const given = events && (await folderOf({ 'events.json': { Records: events.map(event) } }));
  const options: AuditInputOptions & SelectionOptions = {
    snapshot: [dir],
    ...(given !== undefined && { events: [join(given, 'events.json')] }),
    ...selection,
  };
  const applied = { config: withOff(off), file: 'pipewarden.yaml' };
  const run = await auditRun({ ...options, all: true }, applied, SILENT);
  const of = (all: boolean) => resultsOfRun(run.judged, scopesOf(run.input), run.selection, applied, all);
  const parsed = parseResults(JSON.parse(JSON.stringify(of(false).listed)));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return { results: parsed.results, verdicts: of(true).whole.findings };
};

const WHOLE: Less = { off: [], events: undefined, selection: {} };

const CHANGES: readonly Change[] = [
  ...Object.keys(FILES)
    .filter((path) => path !== 'caller-identity.json')
    .flatMap((file) => (['missing', 'broken'] as const).map((to) => ({ file, to }))),
  ...Object.keys(FILES)
    .filter((path) => path.startsWith('s3/'))
    .map((file) => ({ file, to: 'absent' as const })),
  { text: ['iam:PutRolePolicy', 'iam:GetRolePolicy'] },
  { text: ['iam:PassRole', 'iam:GetRole'] },
  { text: ['sagemaker:StartPipelineExecution', 'sagemaker:DescribePipeline'] },
  { text: ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob'] },
  { text: ['pipelines-json-get', 'another-tag'] },
  { text: ['fraud-tuning', 'fraud-tun'] },
  { text: ['GET', 'HEAD'] },
];

const pipelines = [
  ...new Set(Object.keys(FILES).flatMap((path) => /^sagemaker\/pipelines\/([^/]+)\//.exec(path)?.[1] ?? [])),
];

const less: fc.Arbitrary<Less> = fc.record({
  off: fc.subarray(
    IDS.filter((id) => !['evidence-readable', 'exceptions-scoped'].includes(id)),
    { maxLength: 6 },
  ),
  events: fc.option(fc.subarray(pipelines, { minLength: 1 }), { nil: undefined }),
  selection: fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    fc.subarray(IDS, { minLength: 1, maxLength: 8 }).map((control) => ({ control })),
    fc.subarray(IDS, { minLength: 1, maxLength: 8 }).map((skip) => ({ skip })),
    fc.constantFrom(...(['critical', 'high', 'medium'] as const)).map((severity) => ({ severity })),
    fc.constantFrom('fraud-*', '*:role/*', '*').map((pattern) => ({ resource: [pattern] })),
  ),
});

/** What a run says of a finding’s control and resource; nothing where it did not look there. */
const saidOf = ({ control, resource }: Finding, verdicts: readonly Finding[]): Finding[] =>
  verdicts.filter(
    (each) => each.control === control && each.resource.arn.toLowerCase() === resource.arn.toLowerCase(),
  );

/** So that something is told of each kind, whatever is drawn. */
const EXAMPLES: [Change[], Less][] = [
  ...CHANGES.map((change): [Change[], Less] => [[change], WHOLE]),
  [[], { ...WHOLE, events: ['fraud-daily'] }],
  [[{ file: 's3/acme-scans/cors.json', to: 'broken' }], WHOLE],
];

const told = { mended: 0, notJudged: 0, unread: 0, firstSeen: 0 };

afterEach(removeFolders);
afterAll(() => {
  // Otherwise the property would hold of nothing.
  expect(Object.entries(told).filter(([, count]) => count === 0)).toEqual([]);
});

const isLeftOut = (
  { control, resource }: Finding,
  { off, selection: { control: only, skip, resource: of } }: Less,
) =>
  off.includes(control) ||
  (only !== undefined && !only.includes(control) && control !== 'evidence-readable') ||
  skip?.includes(control) ||
  (of !== undefined && !of.some((pattern) => meansResource(pattern, resource.arn)));

test('whatever the second run did not look at is never told as mended, and nothing that was open is forgotten', async () => {
  const first = await runOf(changed([]), WHOLE);
  await fc.assert(
    fc.asyncProperty(fc.subarray([...CHANGES], { maxLength: 4 }), less, async (changes, of) => {
      const second = await runOf(changed(changes), of).catch((error: unknown) => {
        // A selection that means nothing is refused.
        if (error instanceof Error && error.message.includes('nothing of what was judged is meant')) return;
        throw error;
      });
      if (!second) return;
      const comparison = compareRuns(first.results, second.results);
      const { mended, gone, notJudged, unread, changed: other, open } = comparison;
      for (const finding of mended) {
        expect(isLeftOut(finding, of)).toBeFalsy();
        if (finding.resource.type === 'configuration') continue;
        const said = saidOf(finding, second.verdicts).map(({ status }) => status);
        expect(said.some((status) => status === 'PASSED' || status === 'NOT_APPLICABLE')).toBe(true);
      }
      for (const finding of gone) expect(isLeftOut(finding, of)).toBeFalsy();
      const before = first.results.findings.filter(counts);
      expect(
        mended.length + gone.length + notJudged.length + unread.length + other.length + open.length,
      ).toBe(before.length);
      const back = compareRuns(second.results, first.results);
      for (const finding of back.added) expect(isLeftOut(finding, of)).toBeFalsy();
      told.mended += mended.length;
      told.notJudged += notJudged.length;
      told.unread += unread.length;
      told.firstSeen += back.firstSeen.length;
    }),
    { numRuns: 30 + EXAMPLES.length, examples: EXAMPLES },
  );
});
