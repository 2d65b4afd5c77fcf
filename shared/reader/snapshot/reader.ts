import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArn } from '../../domain/arn.ts';
import type { Scope } from '../../domain/scope.ts';
import { asText, type Json, member } from '../../json/json.ts';
import { corsRules } from '../answers/cors.ts';
import { corsRulesOfXml } from '../answers/cors-xml.ts';
import { tagsOf } from '../answers/tags.ts';
import { found, NOT_IN_SNAPSHOT, notRead, type Read } from '../read-result.ts';
import type { CorsRule, Reader, Tags } from '../reader.ts';
import { snapshotAccount } from './account.ts';
import { snapshotExecutions } from './executions.ts';
import {
  atTop,
  bucketFile,
  ifAbsent,
  jsonOf,
  MALFORMED,
  malformed,
  namesIn,
  pathOf,
  readJson,
  readText,
  type SnapshotFile,
  systemCode,
  UNREADABLE,
} from './files.ts';
import { snapshotJobs } from './jobs.ts';
import { pipelineFolders } from './pipeline-folders.ts';
import { snapshotPipelines } from './pipelines.ts';
import { snapshotPolicies } from './policies.ts';
import { snapshotShares } from './shares.ts';
import { snapshotTrails } from './trails.ts';

export const CALLER: SnapshotFile = { path: ['caller-identity.json'], madeBy: 'aws sts get-caller-identity' };

/**
 * A snapshot folder as a Reader, or why the folder is not a snapshot, as a message for the user. Files are read when
 * they are needed. Lists of names are read once, so that a snapshot must not change while it is read.
 */
export const openSnapshot = async (dir: string): Promise<Read<Reader>> => {
  const root = await rootOf(dir);
  if (!root.ok) return root;
  const identity = await readJson(root.value, CALLER);
  const scope = identity.ok ? scopeOf(identity.value) : identity;
  if (!scope.ok)
    return notRead(
      join(dir, pathOf(CALLER)),
      scope.unread.code,
      scope.unread.code === NOT_IN_SNAPSHOT
        ? `${dir}: it is no snapshot, as ${pathOf(CALLER)} is missing; \`pipewarden snapshot --out DIR\` makes one, and in one made by hand \`${CALLER.madeBy}\` makes that file`
        : `${dir}: ${scope.unread.message}`,
    );
  const caller = identity.ok ? asText(member(identity.value, 'Arn')) : undefined;
  const takenAt = identity.ok ? await takenAtOf(root.value, identity.value) : undefined;
  return found({
    ...readerOf(root.value, scope.value),
    ...(caller !== undefined && { caller }),
    ...(takenAt !== undefined && { takenAt }),
  });
};

/** What the snapshot says, else the time of its file, which a copy or a checkout makes newer. */
const takenAtOf = async (root: string, identity: Json): Promise<string | undefined> => {
  const told = Date.parse(asText(member(identity, TAKEN_AT)) ?? '');
  if (!Number.isNaN(told)) return new Date(told).toISOString();
  const file = await stat(join(root, ...CALLER.path)).catch(() => undefined);
  return file?.mtime.toISOString();
};

/** The field beside those of the AWS CLI that says when the snapshot was begun. */
export const TAKEN_AT = 'TakenAt';

const rootOf = async (dir: string): Promise<Read<string>> => {
  const refused = (problem: string): Read<never> =>
    notRead(
      dir,
      UNREADABLE,
      `${dir || '""'}: ${problem}; \`pipewarden snapshot --out DIR\` makes a snapshot`,
    );
  try {
    const root = await realpath(dir);
    return (await stat(root)).isDirectory()
      ? found(root)
      : refused('it is a file, and the folder of a snapshot was expected');
  } catch (error) {
    const code = systemCode(error);
    return refused(code === 'ENOENT' ? 'there is no such folder' : `it cannot be opened (${code})`);
  }
};

const scopeOf = (identity: Json): Read<Scope> => {
  const account = asText(member(identity, 'Account'));
  const partition = parseArn(asText(member(identity, 'Arn')) ?? '')?.partition;
  const region = asText(member(identity, 'Region'));
  if (account === undefined || !/^\d{12}$/.test(account)) {
    return notAsExpected(CALLER, '"Account" must be an account id: 12 digits in quotes');
  }
  if (partition === undefined) return notAsExpected(CALLER, '"Arn" must be the ARN that the AWS CLI gives');
  if (region === undefined || !/^[a-z]{2,}(-[a-z0-9]+)+$/.test(region)) {
    return notAsExpected(CALLER, 'add "Region", such as "Region": "eu-west-1"; the AWS CLI leaves it out');
  }
  return found({ account, region, partition });
};

const notAsExpected = (file: SnapshotFile, message: string): Read<never> =>
  notRead(pathOf(file), MALFORMED, `${pathOf(file)}: ${message}`);

const readerOf = (root: string, scope: Scope): Reader => {
  const folders = pipelineFolders(root);
  const pipelines = snapshotPipelines(root, scope, folders);
  return {
    scope,
    ...pipelines,
    ...snapshotExecutions(root, scope, folders, pipelines.describePipeline),
    ...snapshotJobs(root, scope),
    ...snapshotAccount(root, scope),
    ...snapshotPolicies(root, scope),
    ...snapshotTrails(root),
    ...snapshotShares(root, scope.account),
    getBucketCors: (bucket) => readCors(root, bucket),
    getBucketTags: (bucket) => readTags(root, bucket),
    listBuckets: () => readBucketNames(root),
  };
};

const BUCKETS: SnapshotFile = { path: ['s3', 'buckets.json'], madeBy: 'aws s3api list-buckets' };

/**
 * The buckets in the listing; without a listing, the folders of buckets. Some folders may be of other accounts’
 * buckets.
 */
const readBucketNames = async (root: string): Promise<Read<string[]>> => {
  const read = await readJson(root, BUCKETS);
  if (!read.ok) return read.unread.code === NOT_IN_SNAPSHOT ? namesIn(root, ['s3'], 'folders') : read;
  const list = member(read.value, 'Buckets');
  if (!Array.isArray(list)) return malformed(BUCKETS, atTop('it holds no list of Buckets'));
  return found(list.flatMap((bucket) => asText(member(bucket, 'Name')) ?? []));
};

/** XML may be in either file, as people keep S3’s XML document beside the CLI’s output. */
const readCors = async (root: string, bucket: string): Promise<Read<CorsRule[]>> => {
  const json = bucketFile(bucket, 'cors.json', 'cors');
  const text = await readText(root, json);
  if (text.ok) return corsOf(json, text.value);
  if (text.unread.code !== NOT_IN_SNAPSHOT) return text;
  const xml = bucketFile(bucket, 'cors.xml', 'cors');
  const xmlText = await readText(root, xml);
  if (xmlText.ok) return corsOf(xml, xmlText.value);
  return xmlText.unread.code === NOT_IN_SNAPSHOT ? text : xmlText;
};

const corsOf = (file: SnapshotFile, text: string): Read<CorsRule[]> => {
  if (/^\s*</.test(text)) {
    const parsed = corsRulesOfXml(text);
    return parsed.ok ? parsed : malformed(file, parsed.error);
  }
  const document = jsonOf(file, text);
  if (!document.ok) return ifAbsent(document, []);
  const rules = corsRules(document.value);
  return rules ? found(rules) : malformed(file, atTop('it is not a CORS configuration with CORSRules'));
};

const readTags = async (root: string, bucket: string): Promise<Read<Tags>> => {
  const file = bucketFile(bucket, 'tagging.json', 'tagging');
  const document = await readJson(root, file);
  if (!document.ok) return ifAbsent(document, new Map());
  const tags = tagsOf(document.value);
  return tags ? found(tags) : malformed(file, atTop('it is not {"TagSet": [{"Key": …, "Value": …}]}'));
};
