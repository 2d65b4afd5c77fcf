import type { Finding } from '../../shared/domain/finding.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import { type Account, type Document, principalNamed } from './account.ts';

/** The account after a person pasted the patch of a finding: AWS CLI commands, a JSON patch, or an SCP. */
export const pasted = (account: Account, { resource, remediation: { patch } }: Finding): Account => {
  if (patch === undefined) throw new Error('the finding has no patch');
  const copy = structuredClone(account);
  if (patch.startsWith('[')) applyJsonPatch(copy, resource.arn, JSON.parse(patch) as JsonPatch);
  else if (patch.startsWith('{')) putDocument(copy, resource.arn, JSON.parse(patch) as Document);
  else for (const line of patch.split('\n')) run(copy, wordsOf(line));
  return copy;
};

type JsonPatch = { op: 'add' | 'replace'; path: string; value: Json }[];

const applyJsonPatch = (account: Account, pipelineArn: string, patch: JsonPatch): void => {
  const pipeline = account.pipelines.find(({ name }) => pipelineArn.endsWith(`:pipeline/${name}`));
  if (!pipeline) throw new Error(`no pipeline ${pipelineArn}`);
  for (const { path, value } of patch) {
    const tokens = path.slice(1).split('/');
    const last = tokens.pop() ?? '';
    const holder = tokens.reduce<Json>((at, token) => (at as JsonObject)[token] as Json, pipeline.definition);
    (holder as JsonObject)[last] = value;
  }
};

/** Replaces the SCP that differs from the document only in its conditions; or puts the policy beside those of the role. */
const putDocument = (account: Account, arn: string, document: Document): void => {
  const scps = account.scps
    .flatMap(({ policies }) => policies)
    .filter(
      ({ Content }) =>
        JSON.stringify(withoutConditions(Content)) === JSON.stringify(withoutConditions(document)),
    );
  for (const policy of scps) policy.Content = document;
  if (scps.length === 0)
    principalNamed(account, arn.slice(arn.lastIndexOf('/') + 1)).policies.pasted = document;
};

const withoutConditions = ({ Statement }: Document) =>
  [Statement].flat().map(({ Condition: _, ...rest }) => rest);

/** The words of a command as a POSIX shell reads them: plain words, and words in single quotes. */
const wordsOf = (line: string): string[] => {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === "'") {
      const end = line.indexOf("'", at + 1);
      word = (word ?? '') + line.slice(at + 1, end);
      at = end;
    } else if (character === '\\') word = (word ?? '') + line[++at];
    else if (character === ' ') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  return word === undefined ? words : [...words, word];
};

const run = (account: Account, [aws, service, command, ...args]: string[]): void => {
  const option = (name: string): string => {
    const value = args[args.indexOf(`--${name}`) + 1];
    if (!args.includes(`--${name}`) || value === undefined) throw new Error(`${command} has no --${name}`);
    return value;
  };
  if (aws !== 'aws') throw new Error(`${aws} is no command of the AWS CLI`);
  const who = () => principalNamed(account, option(args.includes('--user-name') ? 'user-name' : 'role-name'));
  switch (`${service} ${command}`) {
    case 'iam put-role-policy':
    case 'iam put-user-policy':
      who().policies[option('policy-name')] = JSON.parse(option('policy-document')) as Document;
      return;
    case 'iam delete-role-policy':
    case 'iam delete-user-policy':
      delete who().policies[option('policy-name')];
      return;
    case 'iam detach-role-policy':
    case 'iam detach-user-policy': {
      const principal = who();
      principal.managed = principal.managed.filter((arn) => arn !== option('policy-arn'));
      return;
    }
    case 'iam update-assume-role-policy':
      who().trust = JSON.parse(option('policy-document')) as Document;
      return;
    case 'iam tag-role':
    case 'iam tag-user': {
      const [, key = '', value = ''] = /^Key=(.*?),Value=(.*)$/s.exec(option('tags')) ?? [];
      who().tags[key] = value;
      return;
    }
    case 'iam untag-role':
    case 'iam untag-user': {
      const { tags } = who();
      // IAM compares tag keys without letter case.
      for (const key of Object.keys(tags))
        if (key.toLowerCase() === option('tag-keys').toLowerCase()) delete tags[key];
      return;
    }
    case 's3api put-bucket-cors':
      bucketOf(account, option('bucket')).cors = (
        JSON.parse(option('cors-configuration')) as { CORSRules: Json }
      ).CORSRules;
      return;
    case 'resourcegroupstaggingapi tag-resources': {
      const bucket = bucketOf(account, option('resource-arn-list').replace(/^arn:[^:]*:s3:::/, ''));
      Object.assign(bucket.tags, JSON.parse(option('tags')) as Record<string, string>);
      return;
    }
    default:
      throw new Error(`no patch should run ${service} ${command}`);
  }
};

const bucketOf = (account: Account, name: string) => {
  const bucket = account.buckets[name];
  if (!bucket) throw new Error(`no bucket ${name}`);
  return bucket;
};
