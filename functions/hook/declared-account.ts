import { type KeptIndex, keptIndex, type Outline } from '../../shared/account-index/kept-index.ts';
import { overlaidIndexes } from '../../shared/account-index/overlaid-index.ts';
import { principalEntries } from '../../shared/account-index/principal-entries.ts';
import type { IndexStore } from '../../shared/account-index/store.ts';
import { contextsOf } from '../../shared/audit/account-contexts.ts';
import { auditAll } from '../../shared/audit/audit-all.ts';
import type { Config } from '../../shared/config/schema.ts';
import { addressesOf } from '../../shared/declared/addresses.ts';
import type { Declared, DeclaredResource } from '../../shared/declared/declared.ts';
import { declaredReader } from '../../shared/declared/declared-reader.ts';
import { ofType } from '../../shared/declared/of-type.ts';
import { keysOf, whatStays } from '../../shared/declared/what-stays.ts';
import { isOfIam } from '../../shared/domain/arn.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { isFaulty } from '../../shared/domain/status.ts';
import { type AccountEvidence, accountEvidence, readAskedOf } from '../../shared/facts/account-evidence.ts';
import { indexedEvidence, type ReadDetails } from '../../shared/facts/indexed-evidence.ts';
import { configurationDigest } from '../../shared/findings/configuration-digest.ts';
import type { Control } from '../../shared/judging/control.ts';
import { oncePer } from '../../shared/memo.ts';
import { notRead } from '../../shared/reader/read-result.ts';
import type { AccountReaders, Reader } from '../../shared/reader/reader.ts';
import type { AuditRequest } from '../../shared/requests/audit-request.ts';
import {
  bucketRequest,
  jobRequest,
  pipelineRequest,
  principalRequest,
} from '../../shared/requests/resource-requests.ts';
import { declaredPrincipals } from './declared-principals.ts';
import { forgetDeleted, learnPipelines } from './pipelines-in-index.ts';

/** What an account is judged with that an index tells. */
export type DeclaredAccount = {
  readers: AccountReaders;
  config: Config;
  outline: Outline;
  store: IndexStore;
  readDetails: ReadDetails;
  controls: readonly Control[];
  now: () => Date;
  /** Throws where there is no time for another look. */
  checkTime: () => void;
};

/** So many resources are looked at for one template. */
const MOST_LOOKS = 150;

/**
 * Judges what is declared as if it were deployed into an account with an index. Nothing of the account is listed: the declared resources
 * stand over the index, and what pipelines of the template use is read from IAM, because the index may not have heard of it yet.
 * Returns what is told of the declared resources, and new faults of others.
 */
export const declaredAccount = (account: DeclaredAccount) => {
  const { readers, outline, config, now } = account;
  const [{ scope }] = readers;
  const overlaid = overlaidIndexes(account.store, outline);
  const principals = declaredPrincipals(account);

  /** Looks at these resources and at what they change for others; `more`: further requests. */
  const audit = async (
    { resources, earlier }: Pick<Declared, 'resources' | 'earlier'>,
    more: readonly AuditRequest[] = [],
  ): Promise<{ findings: Finding[]; requests: readonly AuditRequest[]; gone: readonly string[] }> => {
    const index = keptIndex({
      store: overlaid(),
      now,
      configuration: configurationDigest(config),
      regions: readers.map((reader) => reader.scope.region),
      like: outline,
    });
    const asOf = now().valueOf();
    const { details, holders, gone } = await principals.listed(resources, earlier);
    const entries = principalEntries(details, asOf);
    for (const arn of gone)
      for (const kind of isOfIam(arn, 'group/') ? GROUPS : OF_PRINCIPALS)
        entries[kind].set(arn, { asOf, value: null });
    await index.learnPrincipals(entries, true);
    const left = leftOut(resources, earlier);
    for (const { name, scope: of } of ofType(left, 'pipeline'))
      await index.learnPipeline(pipelineRequest(name, of).resource.arn, null, asOf, true);
    const own = readersWith(readers, resources, earlier);
    await forgetDeleted(gone, { index, outline, readers: own, asOf, checkTime: account.checkTime });
    const evidence = evidenceOf(account, index, own);
    const used = await learnPipelines(resources, index, evidence, own, account);
    // Of what changes with the template, the index knows already what it will be.
    const others = used.filter((arn) => !entries['whole-principals'].has(arn));
    for (const detail of await Promise.all(others.map(principals.role)))
      if (detail) await index.learnPrincipals(principalEntries(detail, asOf), true);
    const requests = [
      ...resources.flatMap((resource) => requestsOf(resource, own[0])),
      ...ofType(left, 'bucket', 'bucket-cors', 'bucket-policy').flatMap((part) => requestsOf(part, own[0])),
      ...[...holders, ...used].flatMap((arn) => principalRequest(arn, USED)),
      ...more,
    ];
    if (requests.length > MOST_LOOKS)
      throw new Error('it changes more resources than are judged within the time of a hook');
    const contextOf = contextsOf(own, {
      config,
      evidence,
      now,
      controls: account.controls,
      countsPasses: true,
      recallExecution: async () => undefined,
    });
    const findings = await auditAll(requests, (request) => {
      account.checkTime();
      return contextOf(request);
    });
    return { findings, requests, gone };
  };

  /** The open findings on a resource of the account as it is. */
  const before = oncePer(async (key: string): Promise<ReadonlySet<string>> => {
    const request = asked.get(key);
    const { findings } = await audit({ resources: [] }, request ? [request] : []);
    return new Set(findings.map(identityOf));
  });
  const asked = new Map<string, AuditRequest>();

  const judge = async (of: Pick<Declared, 'resources' | 'earlier'>): Promise<Finding[]> => {
    const { resources } = of;
    const { findings, requests, gone } = await audit(of);
    const isGone = new Set(gone.map((arn) => arn.toLowerCase()));
    principals.endOfFirst();
    const declared = new Set([...addressesOf(resources).keys(), ...bucketsIn(resources, scope.partition)]);
    for (const request of requests) asked.set(request.resource.arn.toLowerCase(), request);
    const told: Finding[] = [];
    for (const finding of findings) {
      const arn = finding.resource.arn.toLowerCase();
      const isUnread = finding.status === 'NOT_AVAILABLE';
      if (declared.has(arn) || (isUnread && finding.resource.type === 'account')) told.push(finding);
      // What was right and is not told any more is no more right than what is wrong.
      else if (isUnread || isFaulty(finding.status)) {
        // Whatever was wrong with what is taken away, that it is missing is another fault.
        if (isGone.has(arn) || !(await before(arn)).has(identityOf(finding))) told.push(finding);
      }
    }
    return told;
  };

  return {
    judge,
    namesOf: principals.namesOf,
    /** The declared users, roles and groups that the account has: it may have given them more. */
    alreadyThere: async (resources: readonly DeclaredResource[]): Promise<readonly DeclaredResource[]> => {
      const there = ofType(resources, 'role', 'user', 'group').filter(principals.has);
      return there.length > 0 ? resources.filter(({ type }) => type !== 'bucket') : [];
    },
  };
};

/** What of an account judges declared resources. */
export type JudgingAccount = ReturnType<typeof declaredAccount>;

/** What was declared before and has a key that nothing has now. */
const leftOut = (
  resources: readonly DeclaredResource[],
  earlier: readonly DeclaredResource[] = [],
): DeclaredResource[] => {
  const { isGone } = whatStays(resources, earlier);
  return earlier.filter((each) => keysOf(each).slice(0, 1).some(isGone));
};

const GROUPS = ['groups'] as const;
const OF_PRINCIPALS = ['principals', 'writers', 'whole-principals'] as const;

const identityOf = ({ id, status }: Finding): string => `${status} ${id}`;

/** What is asked of a principal by looks that others lead to: IAM is not read for it. */
const USED = { trigger: undefined, changed: ['uses'] } as const;

const requestsOf = (resource: DeclaredResource, reader: Reader): AuditRequest[] => {
  switch (resource.type) {
    case 'role':
    case 'user':
      return principalRequest(resource.arn, USED);
    case 'pipeline':
      return [pipelineRequest(resource.name, resource.scope)];
    case 'job':
      return [jobRequest(resource.kind, resource.name, resource.scope)];
    case 'bucket':
      return [bucketRequest(resource.name, reader)];
    case 'bucket-cors':
    case 'bucket-policy':
      return [bucketRequest(resource.bucket, reader)];
    case 'group':
    case 'managed-policy':
    case 'attached-policy':
    case 'membership':
    case 'exclusive':
    case 'key':
      return [];
  }
};

/** The ARNs of buckets of which parts are declared apart from them. */
const bucketsIn = (resources: readonly DeclaredResource[], partition: string): string[] =>
  resources.flatMap((each) =>
    each.type === 'bucket-cors' || each.type === 'bucket-policy'
      ? `arn:${partition}:s3:::${each.bucket}`.toLowerCase()
      : [],
  );

const NOT_LISTED = 'NotListed';

/** The readers with what is declared over them. What would list the account is refused: its index tells it. */
const readersWith = (
  readers: AccountReaders,
  resources: readonly DeclaredResource[],
  earlier: readonly DeclaredResource[] | undefined,
): AccountReaders => {
  const of = (reader: Reader): Reader => {
    const no = async () =>
      notRead('the index of the account', NOT_LISTED, 'a hook lists nothing of an account');
    return declaredReader(
      { ...reader, readIdentities: no, listPipelines: no, listBuckets: no, listJobs: no },
      resources,
      [],
      earlier,
    );
  };
  const [home, ...others] = readers;
  return [of(home), ...others.map(of)];
};

const evidenceOf = (
  { config, now, readDetails }: DeclaredAccount,
  index: KeptIndex,
  [home, ...others]: AccountReaders,
): AccountEvidence =>
  indexedEvidence(accountEvidence(home, config, undefined, others), {
    index,
    config,
    now,
    readDetails,
    readAsked: (pipeline, named) => readAskedOf([home, ...others], config, pipeline, named),
    onBearing: () => {},
    onMissing: async () => {
      throw new Error('the index of the account was dropped meanwhile');
    },
  });
