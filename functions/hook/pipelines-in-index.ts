import type { KeptIndex, Outline } from '../../shared/account-index/kept-index.ts';
import type { Config } from '../../shared/config/schema.ts';
import { addressesOf } from '../../shared/declared/addresses.ts';
import type { DeclaredResource } from '../../shared/declared/declared.ts';
import { parseArn } from '../../shared/domain/arn.ts';
import { type AccountEvidence, readAskedOf, usesIn } from '../../shared/facts/account-evidence.ts';
import { ABSENT } from '../../shared/reader/read-result.ts';
import type { AccountReaders } from '../../shared/reader/reader.ts';
import { pipelineRequest } from '../../shared/requests/resource-requests.ts';

/** Adds to the index what declared pipelines ask, and returns the roles that they use and that are not declared. */
export const learnPipelines = async (
  resources: readonly DeclaredResource[],
  index: KeptIndex,
  evidence: AccountEvidence,
  readers: AccountReaders,
  { config, now }: { config: Config; now: () => Date },
): Promise<string[]> => {
  const declared = addressesOf(resources);
  const used = new Set<string>();
  for (const resource of resources) {
    if (resource.type !== 'pipeline') continue;
    const { resource: pipeline, name } = pipelineRequest(resource.name, resource.scope);
    const read = await evidence.named();
    const named = read.ok ? read.value : { roles: new Map(), profiles: new Map() };
    const asked = await readAskedOf(readers, config, { name, arn: pipeline.arn }, named);
    if (!asked) continue;
    await index.learnPipeline(pipeline.arn, asked, now().valueOf(), true);
    const roles =
      'why' in asked
        ? asked.described
          ? [asked.described.roleArn]
          : []
        : asked.roles.map(({ roleArn }) => roleArn);
    for (const arn of roles) if (!declared.has(arn.toLowerCase())) used.add(arn);
  }
  return [...used];
};

/** So many pipelines are read for one role that is taken away. */
const MOST_READ = 30;

/**
 * Forgets the pipelines that used roles which are taken away, where they are deleted themselves: a stack deletes its pipelines a moment
 * before their roles, of which the index hears later.
 */
export const forgetDeleted = async (
  gone: readonly string[],
  {
    index,
    outline,
    readers,
    asOf,
    checkTime,
  }: { index: KeptIndex; outline: Outline; readers: AccountReaders; asOf: number; checkTime: () => void },
): Promise<void> => {
  for (const role of gone) {
    const { executes, runsSteps } = usesIn(outline.roster(), role);
    const using = new Map([...executes, ...runsSteps].map(({ arn, name }) => [arn, name]));
    for (const [arn, name] of [...using].slice(0, MOST_READ)) {
      checkTime();
      const region = parseArn(arn)?.region;
      const read = await readers.find(({ scope }) => scope.region === region)?.describePipeline(name);
      if (read && !read.ok && read.unread.code === ABSENT) await index.learnPipeline(arn, null, asOf, true);
    }
  }
};
