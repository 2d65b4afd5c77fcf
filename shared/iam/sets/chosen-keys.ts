import { parseArn } from '../../domain/arn.ts';
import { oncePer, remembered } from '../../memo.ts';
import { assume, type ContextValue } from '../decide/context.ts';
import type { Policies } from '../decide/layers.ts';
import type { Request } from '../decide/request.ts';
import { decidingKeys, statementsAbout } from './statements.ts';

/** What the sender of a request may choose for a key: one of some values (null: without the key), or any text. */
type Choice = {
  /** Actions, in lower case, whose requests can carry the key. */
  on: readonly string[] | 'every';
  values: readonly ContextValue[] | 'any';
  /** What the requests for all other actions of the service carry; without it this is not known. */
  elsewhere?: null;
  /** Whether a request may come without the key as well: where no value helps the sender, the answer stays open. */
  mayLack?: true;
};

const PUTTING = ['s3:putobject'];
const WRITING = [...PUTTING, 's3:replicateobject'];
const OF_ACL = [
  ...PUTTING,
  's3:putobjectacl',
  's3:putobjectversionacl',
  's3:putbucketacl',
  's3:createbucket',
];
const LISTING = ['s3:listbucket', 's3:listbucketversions'];

const creating = (...nouns: readonly string[]): string[] => nouns.map((noun) => `sagemaker:create${noun}`);

/** What carries nearly every parameter of a job. */
const RUNS = creating(
  'trainingjob',
  'hyperparametertuningjob',
  'processingjob',
  'monitoringschedule',
  ...['bias', 'explainability', 'quality'].map((of) => `model${of}jobdefinition`),
);
const DATA_QUALITY = creating('dataqualityjobdefinition');
const AUTO_ML = creating('automljob', 'automljobv2');
const IN_NETWORK = [...RUNS, ...DATA_QUALITY, ...AUTO_ML, ...creating('job', 'model', 'endpointconfig')];

const header = (on: Choice['on'], values: Choice['values'] = 'any'): Choice => ({
  on,
  values,
  elsewhere: null,
});
const ABSENT: Choice = { on: 'every', values: [null] };

/**
 * The condition keys whose values the sender of a request chooses freely, because they are headers and parameters of the
 * request itself. A policy that asks about them keeps nobody away: who wants to be let in sends what it asks for. A request
 * need not come through an access point either.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const CHOSEN: Readonly<Record<string, Choice>> = {
  'aws:securetransport': { on: 'every', values: ['true', 'false'] },
  'aws:useragent': { on: 'every', values: 'any' },
  'aws:referer': { on: 'every', values: 'any' },
  's3:tlsversion': { on: 'every', values: ['1.3', '1.2'] },
  's3:signatureversion': { on: 'every', values: ['AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'] },
  's3:authtype': { on: 'every', values: ['REST-HEADER', 'REST-QUERY-STRING'] },
  's3:signatureage': { on: 'every', values: [null, '0'] },
  's3:x-amz-content-sha256': { on: 'every', values: 'any' },
  's3:dataaccesspointarn': ABSENT,
  's3:dataaccesspointaccount': ABSENT,
  's3:accesspointnetworkorigin': ABSENT,
  's3:accessgrantsinstancearn': ABSENT,
  's3:x-amz-acl': header(OF_ACL),
  's3:x-amz-grant-full-control': header(OF_ACL),
  's3:x-amz-grant-read': header(OF_ACL),
  's3:x-amz-grant-read-acp': header(OF_ACL),
  's3:x-amz-grant-write': header(OF_ACL),
  's3:x-amz-grant-write-acp': header(OF_ACL),
  's3:x-amz-server-side-encryption': header(WRITING, [null, 'AES256', 'aws:kms', 'aws:kms:dsse']),
  's3:x-amz-server-side-encryption-aws-kms-key-id': header(WRITING),
  's3:x-amz-server-side-encryption-customer-algorithm': header(WRITING, [null, 'AES256']),
  's3:x-amz-storage-class': header(OF_ACL.slice(0, 3)),
  's3:x-amz-website-redirect-location': header(PUTTING),
  's3:x-amz-copy-source': header(PUTTING),
  's3:x-amz-metadata-directive': header(PUTTING),
  's3:if-match': header([...PUTTING, 's3:deleteobject']),
  's3:if-none-match': header(PUTTING),
  's3:objectcreationoperation': header(PUTTING, ['true', 'false']),
  's3:object-lock-mode': header([...PUTTING, 's3:putobjectretention'], [null, 'GOVERNANCE', 'COMPLIANCE']),
  's3:object-lock-legal-hold': header([...PUTTING, 's3:putobjectlegalhold'], [null, 'ON', 'OFF']),
  's3:prefix': header(LISTING),
  's3:delimiter': header(LISTING),
  's3:max-keys': header(LISTING),
  'sagemaker:vpcsubnets': { on: IN_NETWORK, values: 'any' },
  'sagemaker:vpcsecuritygroupids': { on: IN_NETWORK, values: 'any' },
  'sagemaker:instancetypes': {
    on: [...RUNS, ...DATA_QUALITY, ...creating('transformjob', 'endpointconfig')],
    values: 'any',
  },
  'sagemaker:volumekmskeyarn': {
    on: [
      ...[...RUNS, ...DATA_QUALITY, ...AUTO_ML],
      ...creating('labelingjob', 'transformjob', 'endpointconfig'),
    ],
    values: 'any',
  },
  'sagemaker:outputkmskeyarn': {
    on: [...RUNS, ...AUTO_ML, ...creating('job', 'labelingjob', 'transformjob')],
    values: 'any',
  },
  'sagemaker:networkisolation': {
    on: [...RUNS, ...DATA_QUALITY, ...creating('model', 'endpointconfig')],
    values: ['true', 'false'],
    mayLack: true,
  },
  'sagemaker:intercontainertrafficencryption': {
    on: [...RUNS, ...DATA_QUALITY, ...AUTO_ML],
    values: ['true', 'false'],
    mayLack: true,
  },
  'sagemaker:maxruntimeinseconds': { on: [...RUNS, ...DATA_QUALITY], values: 'any' },
};

const ANY_TEXT: Choice = { on: 'every', values: 'any' };
const IF_SO: Choice = { on: 'every', values: ['true', 'false'], mayLack: true };

/**
 * What another account than that of the resource gives its principals as it likes: their names, tags and sessions.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const CHOSEN_BY_OTHERS: Readonly<Record<string, Choice>> = {
  'aws:principalarn': ANY_TEXT,
  'aws:username': ANY_TEXT,
  'aws:sourceidentity': ANY_TEXT,
  'aws:federatedprovider': ANY_TEXT,
  'aws:multifactorauthpresent': IF_SO,
};
const TAG_BY_OTHERS = 'aws:principaltag/';

const choiceOf = (keyName: string, isOfOthers: boolean): Choice | undefined => {
  if (Object.hasOwn(CHOSEN, keyName)) return CHOSEN[keyName];
  if (!isOfOthers) return undefined;
  if (keyName.startsWith(TAG_BY_OTHERS)) return ANY_TEXT;
  return Object.hasOwn(CHOSEN_BY_OTHERS, keyName) ? CHOSEN_BY_OTHERS[keyName] : undefined;
};

/** The values from which the sender of a request may choose one, and whether there are no others. */
export type Choices = { keyName: string; values: readonly ContextValue[]; isComplete: boolean };

/**
 * What the sender of a request may choose for the first of some keys (of which the request states nothing) that is up to
 * the sender; undefined if none is.
 */
export const choicesFor = (
  keys: readonly string[],
  policies: Policies,
  { principal, action, context, resourceAccount }: Omit<Request, 'resource'>,
): Choices | undefined => {
  // A service sends what AWS wrote into it.
  if (principal.kind === 'service') return undefined;
  const name = action.toLowerCase();
  for (const key of keys) {
    const keyName = key.toLowerCase();
    const { account } = principal;
    const isOfOthers = account !== undefined && resourceAccount !== undefined && account !== resourceAccount;
    const choice = choiceOf(keyName, isOfOthers);
    if (!choice) continue;
    if (choice.on !== 'every' && !choice.on.includes(name)) {
      if (choice.elsewhere === null) return { keyName, values: [null], isComplete: true };
      continue;
    }
    const isOpen = choice.values === 'any';
    const values = (isOpen ? comparedWith(policies)(`${name} ${keyName}`) : choice.values) as ContextValue[];
    return {
      keyName,
      values: values.filter(
        (value) => isPossible(keyName, value, context.keys) && isOfAccount(keyName, value, principal),
      ),
      isComplete: !isOpen && !choice.mayLack,
    };
  }
  return undefined;
};

/** Whether statements about an action ask about a key that is up to the sender; a quick answer, as most do not. */
export const asksOfChosen = (policies: Policies, action: string): boolean =>
  askedOf(policies)(action.toLowerCase());

const askedOf = remembered((policies: Policies) =>
  oncePer((action) => [...decidingKeys(policies, action)].some((key) => choiceOf(key, true) !== undefined)),
);

/** No policy compares with so many values unless it is hostile. */
const MOST_VALUES = 12;

/** Without the key, with the texts with which the statements compare it, and with texts that they do not name. */
const comparedWith = remembered((policies: Policies) =>
  oncePer((place): ContextValue[] => {
    const [action = '', keyName = ''] = place.split(' ');
    const texts = statementsAbout(policies, action).flatMap(({ statement }) =>
      statement.conditions.flatMap((condition) =>
        condition.keyName === keyName && condition.base !== 'null' ? condition.texts : [],
      ),
    );
    const plain = texts.filter((text) => !text.includes('${')).slice(0, MOST_VALUES);
    return [null, ...new Set([...plain.flatMap((text) => [text, text.replace(/[*?]/g, 'x')]), 'x', '1'])];
  }),
);

/** The ARN of a principal tells its account; what a pattern leaves open of the account may be this one. */
const isOfAccount = (keyName: string, value: ContextValue, { account }: Request['principal']): boolean => {
  if (keyName !== 'aws:principalarn') return true;
  const named = typeof value === 'string' ? parseArn(value)?.account : undefined;
  return named !== undefined && (named === account || /[*?]/.test(named));
};

const KMS_KEY = 's3:x-amz-server-side-encryption-aws-kms-key-id';
const ENCRYPTION = 's3:x-amz-server-side-encryption';
const OWN_KEY = 's3:x-amz-server-side-encryption-customer-algorithm';

/**
 * Whether S3 takes a value beside those that the request states: a KMS key goes with encryption by KMS alone, a key of the
 * sender’s with none of S3’s, and a canned ACL with no single grants.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
const isPossible = (
  keyName: string,
  value: ContextValue,
  stated: ReadonlyMap<string, readonly string[] | null>,
): boolean => {
  if (value === null) return true;
  const others = (key: string): readonly string[] => (key === keyName ? [] : (stated.get(key) ?? []));
  switch (keyName) {
    case KMS_KEY:
      return (
        stated.get(ENCRYPTION) === undefined || others(ENCRYPTION).some((each) => each.startsWith('aws:kms'))
      );
    case ENCRYPTION:
      return (
        others(OWN_KEY).length === 0 &&
        (others(KMS_KEY).length === 0 || (typeof value === 'string' && value.startsWith('aws:kms')))
      );
    case OWN_KEY:
      return others(ENCRYPTION).length + others(KMS_KEY).length === 0;
    case 's3:x-amz-acl':
      return [...stated].every(([key, given]) => !key.startsWith('s3:x-amz-grant-') || given === null);
    default:
      return !keyName.startsWith('s3:x-amz-grant-') || others('s3:x-amz-acl').length === 0;
  }
};

/** The request with a value for a key; the same object each time, by which questions share their work. */
export const choosing = <R extends Omit<Request, 'resource'>>(
  request: R,
  keyName: string,
  value: ContextValue,
): R => {
  const made = chosenBefore(request);
  const place = JSON.stringify([keyName, value]);
  const known = made.get(place) as R | undefined;
  if (known) return known;
  const chosen = { ...request, context: assume(request.context, { [keyName]: value }) };
  made.set(place, chosen);
  return chosen;
};

const chosenBefore = remembered((_request: object) => new Map<string, object>());
