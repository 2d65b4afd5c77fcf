import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { JOB_KINDS, type JobKindId } from '../../definition/job-kinds.ts';
import { arnName, parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { groupBy } from '../../group-by.ts';
import { parseJson } from '../../json/json-text.ts';
import { DETAILS, levelsFile } from '../../reader/snapshot/account.ts';
import { bucketFile, pathOf, readText, type SnapshotFile } from '../../reader/snapshot/files.ts';
import { jobFile } from '../../reader/snapshot/jobs.ts';
import {
  type PipelineFolders,
  pipelineFile,
  pipelineFolders,
} from '../../reader/snapshot/pipeline-folders.ts';
import { CALLER } from '../../reader/snapshot/reader.ts';
import { SHARES } from '../../reader/snapshot/shares.ts';
import { TRAILS } from '../../reader/snapshot/trails.ts';
import { type EvidencePlace, type PlaceOf, type PointerOf, placesInFile } from './evidence-places.ts';
import { iamPointers } from './iam-pointers.ts';

/**
 * Where the evidence of an audit stands in the files of a snapshot. One file is in memory at a time. A finding without
 * a file of its own points at the file that names the account.
 */
export const snapshotPlaces = async (dir: string, findings: readonly Finding[]): Promise<PlaceOf> => {
  const root = await realpath(dir);
  const folders = pipelineFolders(root);
  const wanted = await Promise.all(
    findings.map(async (finding) => ({ finding, files: await filesOf(finding, folders) })),
  );
  const groups = groupBy(wanted, ({ files }) => JSON.stringify(files.map(pathOf)));
  const places = new Map<Finding, EvidencePlace>();
  for (const [first, ...others] of groups.values()) {
    const file = first && (await firstThere(root, [...first.files, CALLER]));
    if (!file) continue;
    const on = [first, ...others].map(({ finding }) => finding);
    const found = placesInFile({ ...file, path: join(dir, ...file.path) }, on, pointersIn(file));
    for (const [finding, place] of found) places.set(finding, place);
  }
  return (finding) => places.get(finding);
};

/** The files that may contain the evidence, the likeliest first. */
const filesOf = async (
  { control, resource, evidence }: Finding,
  folders: PipelineFolders,
): Promise<SnapshotFile[]> => {
  const { type, arn } = resource;
  const unread = evidence.flatMap(({ at }) => (isPath(at) ? { path: at.split('/'), madeBy: '' } : []));
  switch (type) {
    case 'pipeline':
    case 'execution': {
      if (control === 'pipeline-shared') return [SHARES];
      const name = /:pipeline\/([^/]+)/i.exec(arn)?.[1] ?? '';
      return [...unread, pipelineFile(await folders.named(name))];
    }
    case 'job':
      return [...unread, ...jobFiles(arn)];
    case 'bucket':
      return [...unread, ...['cors.json', 'cors.xml'].map((name) => bucketFile(arnName(arn), name, 'cors'))];
    case 'role':
    case 'user':
    case 'group':
    case 'policy':
      return [...unread, DETAILS];
    case 'organization':
      return [...unread, levelsFile('scps.json')];
    case 'account':
      return control === 'trail-logging' ? [TRAILS] : unread;
    case 'key':
    case 'share':
    case 'configuration':
    case 'event':
    case 'source':
      return [];
  }
};

/** Evidence of something that could not be read is its path in the snapshot. */
const isPath = (at: string): boolean => /^[^/:]+(\/[^/]+)*\.(json|xml)$/.test(at);

/** An ARN does not tell whether an AutoML job is V1 or V2, so that both kinds are tried. */
const jobFiles = (arn: string): SnapshotFile[] => {
  const [arnType = '', ...name] = (parseArn(arn)?.resource ?? '').split('/');
  const kinds = (Object.keys(JOB_KINDS) as JobKindId[]).filter((kind) => JOB_KINDS[kind].arnType === arnType);
  return kinds.flatMap((kind) =>
    [...new Set([kind, arnType])].map((folder) => jobFile(kind, folder, name.join('/'))),
  );
};

const firstThere = async (
  root: string,
  files: readonly SnapshotFile[],
): Promise<{ path: readonly string[]; text: string } | undefined> => {
  for (const { path, ...file } of files) {
    const text = await readText(root, { path, ...file });
    if (text.ok) return { path, text: text.value };
  }
  return undefined;
};

/** How to turn a piece of evidence into a pointer into the given file. */
const pointersIn = ({ path, text }: { path: readonly string[]; text: string }): PointerOf => {
  if (path === DETAILS.path) return pointersIntoDetails(text);
  if (path === CALLER.path) return () => undefined;
  return ({ resource }, at) => {
    switch (resource.type) {
      case 'job':
        return /^\w+$/.test(at) ? `/${at}` : undefined;
      case 'bucket':
        return /^CORSRules\b/.test(at)
          ? `/${at.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`
          : undefined;
      default:
        // Evidence of a grouped finding has its pointer after the execution’s ARN.
        return at.startsWith('/') ? at : /^arn:\S+ (\/[^;]+)/.exec(at)?.[1];
    }
  };
};

const pointersIntoDetails = (text: string): PointerOf => {
  const details = parseJson(text);
  const known = details.ok ? iamPointers(details.value) : new Map<string, string>();
  return ({ resource }, at) => {
    const end = statementAt(at);
    const [policy, inPolicy] = [at.slice(0, end), at.slice(end)];
    const pointer = known.get(policy);
    return pointer === undefined ? known.get(resource.arn) : pointer + inPolicy;
  };
};

/** Where the pointer begins in a text such as `<policy>/Statement/0`; the length of the text where it has none. */
const statementAt = (at: string): number => {
  let start = at.indexOf(STATEMENT);
  while (start >= 0 && !['/', undefined].includes(at[start + STATEMENT.length]))
    start = at.indexOf(STATEMENT, start + 1);
  return start < 0 ? at.length : start;
};

const STATEMENT = '/Statement';
