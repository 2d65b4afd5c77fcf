import { JOB_KINDS, type JobKindId, jobKind } from '../../definition/job-kinds.ts';
import type { Unread } from '../../domain/gap.ts';
import type { Scope } from '../../domain/scope.ts';
import { asText, isObject, type Json, memberAnyCase } from '../../json/json.ts';
import { once } from '../../memo.ts';
import { shellText } from '../../text/shell-text.ts';
import { describedJob } from '../answers/describe.ts';
import { ABSENT, found, NOT_IN_SNAPSHOT, type Read } from '../read-result.ts';
import type { JobDescription, Reader } from '../reader.ts';
import {
  distinctNames,
  entryNamed,
  INVALID_NAME,
  malformed,
  namesIn,
  pathOf,
  readJson,
  type SnapshotEntry,
  type SnapshotFile,
} from './files.ts';

const FOLDER = ['sagemaker', 'jobs'] as const;
const SUFFIX = '.json';

type JobEntry = SnapshotEntry & { kind: JobKindId; folder: string; name: string };

/** The methods of a Reader about jobs. They read `sagemaker/jobs/<kind>/<name>.json`. */
export const snapshotJobs = (root: string, scope: Scope): Pick<Reader, 'describeJob' | 'listJobs'> => {
  const read = async (
    kind: JobKindId,
    folder: string,
    pathName: string,
  ): Promise<{ names: string[]; job: Read<JobDescription> }> => {
    const file = jobFile(kind, folder, pathName);
    const document = await readJson(root, file);
    if (!document.ok) return { names: [], job: document };
    if (!isObject(document.value)) {
      return {
        names: [],
        job: malformed(file, { line: 1, column: 1, message: `it is not the output of describe-${kind}` }),
      };
    }
    const job = describedJob(kind, document.value, pathOf(file), { scope, nameAsked: pathName });
    return { names: namesOf(kind, document.value), job };
  };

  const entriesOf = async (kind: JobKindId, folder: string): Promise<Read<JobEntry[]>> => {
    const files = await namesIn(root, [...FOLDER, folder], 'files');
    if (!files.ok) return files;
    const made: JobEntry[] = [];
    for (const pathName of files.value.filter(isJobFile).map((name) => name.slice(0, -SUFFIX.length))) {
      const { names, job } = await read(kind, folder, pathName);
      if (!job.ok && job.unread.code === ABSENT) continue;
      made.push({ kind, folder, pathName, names, name: names[0] ?? pathName });
    }
    return found(made);
  };

  const entries = once(async (): Promise<Read<JobEntry[]>> => {
    const folders = await namesIn(root, FOLDER, 'folders');
    if (!folders.ok && folders.unread.code === NOT_IN_SNAPSHOT) return found([]); // jobs are optional
    if (!folders.ok) return folders;
    const made: JobEntry[] = [];
    for (const folder of folders.value) {
      const kind = kindOfFolder(folder);
      const inFolder = kind ? await entriesOf(kind, folder) : found([]);
      if (!inFolder.ok) return inFolder;
      made.push(...inFolder.value);
    }
    return found(made);
  });

  return {
    describeJob: async (kind, name) => {
      const folders = foldersOf(kind);
      for (const folder of folders) {
        const { names, job } = await read(kind, folder, name);
        if (job.ok ? names.length === 0 || names.includes(name) : !mayBeElsewhere(job.unread)) return job;
      }
      const all = await entries();
      if (!all.ok) return all;
      const entry = entryNamed(
        all.value.filter(({ folder }) => folders.includes(folder)),
        name,
      );
      return (await read(kind, entry?.folder ?? kind, entry?.pathName ?? name)).job;
    },
    listJobs: async () => {
      const all = await entries();
      if (!all.ok) return all;
      return found(
        KINDS.flatMap((kind) => {
          const names = all.value.filter((entry) => entry.kind === kind).map(({ name }) => name);
          return distinctNames(names).map((name) => ({ kind, name }));
        }),
      );
    },
  };
};

const KINDS = Object.keys(JOB_KINDS) as JobKindId[];

/** Whether another file may still hold the job. No file can have a name with `/`, so that its file has another name. */
const mayBeElsewhere = ({ code }: Unread): boolean => code === NOT_IN_SNAPSHOT || code === INVALID_NAME;

const isJobFile = (name: string): boolean =>
  name.length > SUFFIX.length && name.toLowerCase().endsWith(SUFFIX);

/** The folder of the kind, then the folders of all kinds whose ARNs look the same. */
const foldersOf = (kind: JobKindId): string[] => {
  const { arnType } = jobKind(kind);
  return [...new Set([kind, arnType, ...KINDS.filter((id) => jobKind(id).arnType === arnType)])];
};

const kindOfFolder = (folder: string): JobKindId | undefined =>
  KINDS.find((id) => id === folder) ?? KINDS.find((id) => jobKind(id).arnType === folder);

/** The names of the job in the file. A model package in a group is named by the end of its ARN, `group/version`. */
const namesOf = (kind: JobKindId, document: Json): string[] => {
  const { nameField, arnField, arnType } = jobKind(kind);
  const name = asText(memberAnyCase(document, nameField));
  const arn = asText(memberAnyCase(document, arnField)) ?? '';
  const inArn = arn.slice(arn.toLowerCase().indexOf(`:${arnType}/`) + arnType.length + 2);
  return [...(name ? [name] : []), ...(arn.includes('/') && inArn !== name ? [inArn] : [])];
};

export const jobFile = (kind: JobKindId, folder: string, name: string): SnapshotFile => {
  const { nameField } = jobKind(kind);
  const option = nameField === 'JobName' ? 'job-name' : `${kind.replace(/-v2$/, '')}-name`;
  return {
    path: [...FOLDER, folder, `${name}${SUFFIX}`],
    madeBy: `aws sagemaker describe-${kind} --${option} ${shellText(name)}`,
  };
};
