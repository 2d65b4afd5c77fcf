import { parseArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import type { InputsFact } from '../facts/facts.ts';
import { assume, type Context, type ContextValue, contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import { anyMatcher, isPattern } from '../iam/policy/glob.ts';
import type { PrincipalElement } from '../iam/policy/policy.ts';
import { type Principal, principalOf } from '../iam/policy/principal.ts';
import type { AnyAnswer } from '../iam/sets/answers.ts';
import { type KeyAxis, sourcesBeyond } from '../iam/sets/key-axis.ts';
import { nearPatterns } from '../iam/sets/near-patterns.ts';
import { type AnyResource, allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, isShown } from '../judging/concern.ts';
import { oncePer, remembered } from '../memo.ts';
import type { InputFile } from '../needs/inputs.ts';
import { codeOf } from './assuming.ts';

/** A bucket in which inputs of pipelines lie. */
export type InputBucket = Extract<InputsFact, { of: 'bucket' }>;

/**
 * The calls that change an object. An ACL of an object lets nobody write it. Without its newest version, an object is the
 * one before. Replication writes what the source holds under the same key.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html
 */
export const ON_OBJECTS = [
  's3:PutObject',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:ReplicateObject',
] as const;

/** What S3 tells of every request; how it was signed is up to its sender. */
export const SIGNED: Context = contextOf({ 'aws:SecureTransport': 'true' });

const EVERYTHING = indexPolicies([FULL_AWS_ACCESS]);

/** A principal of whom some condition keys are open and some given. `isDoubted`: nobody tells whether it sends such requests. */
type Sender = {
  principal: Principal;
  keys?: readonly KeyAxis[];
  given?: Readonly<Record<string, ContextValue>>;
  isDoubted?: boolean;
};

/**
 * Somebody outside the account whom a bucket policy lets in, and the senders of requests that the name stands for. `of`
 * tells everybody, those whom everybody comprises, and a service that stands for those which nothing names.
 */
type Stranger = {
  name: string;
  senders: readonly Sender[];
  of?: 'everybody' | 'part of everybody' | 'any service';
};

/** Those whom the Allows of a policy name, and whom their conditions on the caller name where they let in everybody. */
const strangersIn = (policy: PolicyIndex, scope: InputBucket['scope']): Stranger[] => {
  const found = new Map<string, Stranger>();
  const allows = policy.statements.flatMap(({ statement }) =>
    statement.effect === 'Allow' && statement.principals ? [statement.principals] : [],
  );
  const names = allows.flatMap(({ isNot, principals }) => (isNot ? [ANYBODY] : principals));
  const isForAll = names.some(isAnybody);
  const strangers = [
    ...names.flatMap((each) => (isAnybody(each) ? [] : strangersOf(each, policy, scope))),
    ...(isForAll
      ? [everybody(policy, scope), ...meantByConditions(policy, scope), ...anyServices(policy, scope)]
      : []),
  ];
  for (const stranger of strangers) found.set(stranger.name, stranger);
  return [...found.values()];
};

type Named = PrincipalElement['principals'][number];

/** Whoever is not named by NotPrincipal is let in. */
const ANYBODY: Named = { type: 'AWS', value: '*', pointer: '' };

const isAnybody = ({ type, value }: Named): boolean =>
  value === '*' && (type === 'AWS' || type === 'Federated');

/** Nobody for a principal of the account, and for one that is not there any more. */
const strangersOf = (
  { type, value }: Named,
  policy: PolicyIndex,
  scope: InputBucket['scope'],
): Stranger[] => {
  switch (type) {
    case 'AWS':
    case 'Federated': {
      const principal = principalOf(value);
      const account = principal?.account ?? parseArn(value)?.account;
      if (!principal || account === scope.account) return [];
      const isWhole = principal.kind === 'root' && account !== undefined;
      return [{ name: value, senders: isWhole ? ofAccount(account, policy, scope) : [{ principal }] }];
    }
    case 'CanonicalUser':
      return [
        {
          name: `the canonical user ${value}`,
          senders: ofAccount(unnamedAccount(policy), policy, scope),
        },
      ];
    case 'Service':
      return [serviceForOthers(value, policy, scope)];
  }
};

const serviceForOthers = (service: string, policy: PolicyIndex, scope: InputBucket['scope']): Stranger => {
  const principal: Principal = { kind: 'service', arn: service };
  return {
    name: `${service} on behalf of another account`,
    senders: [
      { principal, keys: [sourcesBeyond(codeOf(service), scope)], given: OF_NO_ACCOUNT },
      ...sourcesOfOthers(policy, scope).map((given) => ({
        principal,
        given: { ...OF_NO_ACCOUNT, ...given },
      })),
      { principal, given: { ...OF_NO_ACCOUNT, ...WITHOUT_SOURCE }, isDoubted: true },
    ],
  };
};

/**
 * A service that calls by itself is no principal of a customer’s account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalisawsservice
 */
const OF_NO_ACCOUNT = { 'aws:PrincipalAccount': null };

/**
 * Not every service tells for whom it calls.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
const WITHOUT_SOURCE = { 'aws:SourceArn': null, 'aws:SourceAccount': null };

/**
 * The sources in other accounts that conditions name, each with its account. A bucket’s ARN tells none, so that a pattern of
 * buckets means anybody’s, and one bucket that of the account which is named beside it.
 */
const sourcesOfOthers = (
  policy: PolicyIndex,
  { account }: Pick<Scope, 'account'>,
): Record<string, string>[] => {
  const [other] = comparedWith(policy, ['aws:sourceaccount']).filter(
    (text) => /^\d{12}$/.test(text) && text !== account,
  );
  const sources = comparedWith(policy, ['aws:sourcearn']).flatMap((text) => {
    const arn = parseArn(text);
    if (!arn || arn.account === account) return [];
    if (/^\d{12}$/.test(arn.account)) return [{ 'aws:SourceArn': text, 'aws:SourceAccount': arn.account }];
    const isPattern = /[*?]/.test(arn.account === '' ? arn.resource : arn.account);
    return isPattern || other !== undefined
      ? [{ 'aws:SourceArn': text, 'aws:SourceAccount': other ?? unnamedAccount(policy) }]
      : [];
  });
  return sources.length === 0 && other !== undefined ? [{ 'aws:SourceAccount': other }] : sources;
};

const ANY_SERVICE = 's3.amazonaws.com';

/** Everybody comprises services: any of them, and those that conditions tell by their own names or by their resources. */
const anyServices = (policy: PolicyIndex, scope: InputBucket['scope']): Stranger[] => {
  const services = [
    ...comparedWith(policy, ['aws:principalservicename', 'aws:principalservicenameslist']).map((text) =>
      text.replace(/\*$/, 'amazonaws.com').replaceAll(/[*?]/g, ''),
    ),
    ...comparedWith(policy, ['aws:sourcearn']).flatMap((text) => {
      const service = parseArn(text)?.service ?? '';
      return /^[a-z0-9-]+$/.test(service) ? `${service}.amazonaws.com` : [];
    }),
  ];
  return [
    ...[...new Set(services)].map((service) => ({
      ...serviceForOthers(service, policy, scope),
      of: 'part of everybody' as const,
    })),
    ...(services.includes(ANY_SERVICE)
      ? []
      : [{ ...serviceForOthers(ANY_SERVICE, policy, scope), of: 'any service' as const }]),
  ];
};

/** The principals of an account, none of whom is known: a role, which carries tags, a user and the root user. */
const ofAccount = (
  account: string,
  policy: PolicyIndex,
  { partition }: Pick<Scope, 'partition'>,
): Sender[] => {
  const arn = `arn:${partition}:iam::${account}`;
  const text = textOf(policy);
  let name = 'any';
  while (text.includes(`/${name}`)) name += 'one';
  // Where no statement can mean a name in the account, all its roles and users are alike.
  const isOpen =
    text.includes('aws:username') ||
    text.includes('aws:userid') ||
    comparedWith(policy, ['aws:principalarn']).some((text) => {
      const named = parseArn(text)?.account ?? '*';
      return named === account || /[*?$]/.test(named);
    });
  const unknown = isOpen ? { isPathUnknown: true as const } : {};
  const principals: Principal[] = [
    { kind: 'role', arn: `${arn}:role/${name}`, account, ...unknown },
    { kind: 'user', arn: `${arn}:user/${name}`, account, ...unknown },
    {
      kind: 'federated-user',
      arn: `arn:${partition}:sts::${account}:federated-user/${name}`,
      account,
      ...unknown,
    },
    { kind: 'root', arn: `${arn}:root`, account },
  ];
  return principals.map((principal) => ({ principal }));
};

/** The statements in lower case. */
const textOf = remembered(({ statements }: PolicyIndex): string =>
  JSON.stringify(statements.map(({ statement }) => statement)).toLowerCase(),
);

/** The texts with which statements compare some condition keys. */
const comparedWith = ({ statements }: PolicyIndex, keys: readonly string[]): string[] =>
  statements.flatMap(({ statement: { conditions } }) =>
    conditions.flatMap(({ keyName, texts }) => (keys.includes(keyName) ? texts : [])),
  );

const everybody = (policy: PolicyIndex, scope: InputBucket['scope']): Stranger => ({
  of: 'everybody',
  name: 'everybody',
  senders: [
    { principal: { kind: 'anonymous', arn: '*' } },
    ...ofAccount(unnamedAccount(policy), policy, scope),
  ],
});

/** An account that no statement names and, if there is one, that no pattern of accounts in a condition means. */
const unnamedAccount = remembered((policy: PolicyIndex): string => {
  const named = new Set(accountsIn([textOf(policy)]));
  const isMeant = anyMatcher(comparedWith(policy, OF_ACCOUNT).flatMap((text) => accountPattern(text) ?? []));
  const unnamed = ACCOUNTS.filter((account) => !named.has(account));
  return unnamed.find((account) => !isMeant(account)) ?? unnamed[0] ?? '000000000000';
});

/** Accounts of two digits each, so that few patterns mean all of them. */
const ACCOUNTS = Array.from({ length: 100 }, (_, number) => {
  const [first = '', other = ''] = String(number).padStart(2, '0');
  return `${first}${other.repeat(11)}`;
});

/** The pattern of accounts in a text about principals, if it has one that does not mean all accounts. */
const accountPattern = (text: string): string | undefined => {
  const account = parseArn(text)?.account ?? text.split(':')[0] ?? '';
  return isPattern(account) && account !== '*' ? account : undefined;
};

const accountsIn = (texts: readonly string[]): string[] =>
  texts.flatMap((text) => [...text.matchAll(/(?<!\d)\d{12}(?!\d)/g)].map(([account]) => account));

/** One account that a pattern of account ids means. */
const oneAccount = (text: string): string =>
  /^[\d*?]+$/.test(text) && text.length <= 12
    ? text.replace('*', '0'.repeat(13 - text.length)).replace(/[*?]/g, '0')
    : text;

const OF_ACCOUNT: readonly string[] = ['aws:principalaccount', 'aws:principalarn', 'aws:userid'];
const OF_ORGANIZATION: readonly string[] = ['aws:principalorgid', 'aws:principalorgpaths'];

/**
 * The accounts and organizations that conditions on the caller name: a statement for everybody may mean them alone.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const meantByConditions = (policy: PolicyIndex, scope: InputBucket['scope']): Stranger[] => {
  const accounts = accountsIn(comparedWith(policy, OF_ACCOUNT).map(oneAccount)).filter(
    (account) => account !== scope.account,
  );
  const organizations = comparedWith(policy, OF_ORGANIZATION).flatMap((text) => {
    const id = text.split('/')[0] ?? '';
    return /^o-[a-z0-9]+$/.test(id) ? [{ id, ...(text.includes('/') && { path: text }) }] : [];
  });
  return [
    ...accounts.map((account) => ({
      of: 'part of everybody' as const,
      name: `account ${account}`,
      senders: ofAccount(account, policy, scope),
    })),
    ...organizations.map((organization) => ({
      of: 'part of everybody' as const,
      name: `the accounts of ${organization.path ?? `organization ${organization.id}`}`,
      senders: ofAccount(unnamedAccount(policy), policy, scope).map(({ principal }) => ({
        principal: { ...principal, organization },
      })),
    })),
  ];
};

/**
 * The concerns that a bucket policy lets principals of other accounts, services for them, or everybody, change some of the
 * inputs in the bucket: one for each of them. Their own account is taken to allow them everything, because nobody here knows
 * its policies. S3 lets nobody outside the account change a bucket’s policy, whatever the policy says.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
export const writtenFromOutside = (
  bucket: InputBucket,
  shared: SharedWork,
): { concerns: Concern[]; isForEverybody: boolean; isForService: boolean } => {
  const { policy, scope } = bucket;
  const found: { concern: Concern; of: Stranger['of']; isService: boolean }[] = [];
  for (const stranger of policy ? strangersIn(policy, scope) : []) {
    const isTold = found.some(
      ({ concern, of, isService }) =>
        isShown(concern) && (of === 'everybody' || (isService && stranger.of === 'any service')),
    );
    if (!policy || (isTold && stranger.of !== undefined && stranger.of !== 'everybody')) continue;
    const concern = writtenBy(stranger, bucket, policy, shared);
    if (!concern) continue;
    const isService = stranger.senders.some(({ principal }) => principal.kind === 'service');
    found.push({ concern, of: stranger.of, isService });
    // Without work left, every further question is open as well.
    if (isOutOfWork(concern)) break;
  }
  const shown = found.filter(({ concern }) => isShown(concern));
  const told = shown.length > 0 ? shown : found;
  return {
    concerns: found.map(({ concern }) => concern),
    isForEverybody: told.some(({ of }) => of === 'everybody'),
    isForService: told.some(({ isService }) => isService),
  };
};

export const isOutOfWork = (concern: Concern): boolean =>
  concern.is === 'open' && concern.doubt.kind === 'too-complex';

/** The first of the senders that the stranger stands for of whom a call is shown, or else is open. */
const writtenBy = (
  { senders, name }: Stranger,
  bucket: InputBucket,
  policy: PolicyIndex,
  shared: SharedWork,
): Concern | undefined => {
  let open: Concern | undefined;
  for (const sender of senders) {
    const found = writtenByOne(sender, name, bucket, policy, shared);
    if (found && (isShown(found) || isOutOfWork(found))) return found;
    open ??= found;
  }
  return open;
};

const writtenByOne = (
  { principal, keys = [], given = {}, isDoubted = false }: Sender,
  name: string,
  bucket: InputBucket,
  policy: PolicyIndex,
  shared: SharedWork,
): Concern | undefined => {
  const isCaller = principal.account !== undefined || principal.kind === 'federated';
  const { files, scope, limits } = bucket;
  const policies = {
    ...limits,
    resource: policy,
    ...(isCaller && { identity: EVERYTHING }),
    ...(principal.kind === 'federated-user' && { session: EVERYTHING }),
  };
  const context = assume(SIGNED, given);
  const requestOf = requestsFrom({ principal, resourceAccount: scope.account });
  const ask: Asked = (action, resource) => {
    const answer = allowedBeyond(
      { policies, request: requestOf(action, context), universe: meantBy(resource, action), keys },
      shared,
    );
    return {
      answer: isDoubted ? doubted(answer) : answer,
      on: `${resource} to ${name}${isDoubted ? ', in requests that do not tell which account' : ''}`,
      expected: `principals of account ${scope.account} alone`,
    };
  };
  const found = firstShown(ON_OBJECTS, (action) => among(files, filesNear([policy], action, files)), ask);
  return found ?? (isCaller ? byAcl(bucket, ask) : undefined);
};

/** What is allowed to requests that are perhaps never made. */
const doubted = (answer: AnyAnswer): AnyAnswer => {
  switch (answer.answer) {
    case 'some':
      return { answer: 'unknown', doubt: { kind: 'hangs', example: answer.example } };
    case 'none':
    case 'unknown':
      return answer;
  }
};

/**
 * The files that a statement which allows an action is near, or all of them where that is not told. Policies allow nothing
 * that their Allows do not name, and most Allows name other places, so that far fewer questions are asked.
 */
export const filesNear = (
  granted: readonly PolicyIndex[],
  action: string,
  all: readonly InputFile[],
): ReadonlySet<string> | 'all' => {
  const named = granted.flatMap((index) => allowedPlaces(index)(action));
  return named.includes('any') ? 'all' : new Set(named.flatMap(filesByPattern(all)));
};

/** Whether a place that a statement names is near one of the files. */
export const isNearFiles = (place: string, files: readonly InputFile[]): boolean =>
  place === 'any' || filesByPattern(files)(place).length > 0;

/** Those of some files that are near. */
export const among = (
  files: readonly InputFile[],
  near: ReturnType<typeof filesNear>,
): readonly InputFile[] => {
  if (near === 'all') return files;
  return near.size === 0 ? [] : files.filter(({ resource }) => near.has(resource));
};

const filesByPattern = remembered((files: readonly InputFile[]) =>
  nearPatterns(files.map(({ resource }) => resource)),
);

/** The patterns of resources in the statements that allow an action; `any` where a statement names what it leaves out. */
export const allowedPlaces = remembered((policy: PolicyIndex) =>
  oncePer((action): readonly string[] => {
    if (policy.unreadable.length > 0) return ['any'];
    const { allows } = policy.candidates(action.toLowerCase());
    return allows.flatMap(({ statement: { resources } }) =>
      resources && !resources.isNot ? resources.texts : ['any'],
    );
  }),
);

/** Gives the same request for the same action and context, so that questions about many files share their preparation. */
export const requestsFrom = (about: Pick<AnyResource, 'principal' | 'resourceAccount'>) => {
  const inContext = remembered((context: Context) =>
    oncePer((action): AnyResource => ({ ...about, action, context })),
  );
  return (action: string, context: Context): AnyResource => inContext(context)(action);
};

/** The answer about a call on a resource, and the words for it. */
export type Asked = (action: string, resource: string) => { answer: AnyAnswer; on: string; expected: string };

/** The first call on one of the files that is shown, or else the first that is open. */
export const firstShown = (
  actions: readonly string[],
  filesFor: (action: string) => readonly { resource: string }[],
  ask: Asked,
): Concern | undefined => {
  let open: Concern | undefined;
  for (const action of actions)
    for (const { resource } of filesFor(action)) {
      const [found] = concernOf(action, ask(action, resource));
      if (found && (isShown(found) || isOutOfWork(found))) return found;
      open ??= found;
    }
  return open;
};

const concernOf = (action: string, { answer, on, expected }: ReturnType<Asked>): Concern[] =>
  concernsOf(answer, action, () => on, expected);

/**
 * Who writes the ACL of a bucket lets itself write objects, where ACLs count. Nobody but the bucket tells whether they do;
 * who may change that makes them count.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
export const byAcl = ({ scope, name }: InputBucket, ask: Asked): Concern | undefined => {
  const bucket = `arn:${scope.partition}:s3:::${name}`;
  const action = 's3:PutBucketAcl';
  const asked = ask(action, bucket);
  const [acl] = concernOf(action, asked);
  const { answer } = asked;
  if (
    !acl ||
    answer.answer !== 'some' ||
    ask('s3:PutBucketOwnershipControls', bucket).answer.answer === 'some'
  )
    return acl;
  const { at, found, expected } = acl.evidence;
  return {
    is: 'open',
    evidence: { at, found: `${found}, and so the writing of objects where ACLs count`, expected },
    doubt: { kind: 'hangs', example: answer.example },
  };
};
