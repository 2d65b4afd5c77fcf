import { dataRole } from '../definition/data-role.ts';
import type { ResolveScope } from '../definition/expression.ts';
import { handedCode } from '../definition/handed-code.ts';
import type { Step } from '../definition/parse.ts';
import type { DataPlace } from '../definition/s3-place.ts';
import { stepData } from '../definition/step-data.ts';
import type { StepKey } from '../definition/step-keys.ts';
import { stepType } from '../definition/step-types.ts';
import { parseArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { literalText, onlyText } from '../iam/policy/literal-text.ts';
import { once, oncePer, remembered } from '../memo.ts';
import { withoutTrailing } from '../text/trim.ts';
import type { Need, UnknownNeed } from './need.ts';

/** A need of a step's own role, and where in the definition it stands. */
export type DataNeed = { need: Need; pointer: string };

/**
 * What the role of a step's job must be allowed for its data: to read its inputs, to write its outputs, and to use the
 * KMS keys that it names.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
 */
export const dataNeeds = (
  step: Step,
  scope: ResolveScope,
  place: Scope,
): { needs: DataNeed[]; open: UnknownNeed[] } => {
  const { places, keys, open } = stepData(step, scope);
  // Whoever creates the endpoint makes the grant for its volumes, not its role.
  const isEndpoint = stepType(step.type).dataRole === 'role of its endpoint';
  return {
    needs: [
      ...places.flatMap((at) =>
        [readOrWritten(at, place), ...listNeeds(at, place)].map((need) => ({
          need: ofS3(need, encryptionOf(at, keys)),
          pointer: at.pointer,
        })),
      ),
      ...places
        .filter(({ pointer }) => CHECKPOINTS.test(pointer))
        .flatMap((at) => {
          const input = { ...at, direction: 'input', isListed: true } as const;
          return [placeNeed(input, place), ...listNeeds(input, place)].map((need) => ({
            need: { ...ofS3(need), isOptional: true as const },
            pointer: at.pointer,
          }));
        }),
      ...keys
        .filter(({ use }) => use === 'output' || !isEndpoint)
        .map((key) => ({ need: keyNeed(key, place), pointer: key.pointer })),
      ...places.filter(isModelFolder).flatMap((at) =>
        listNeeds({ ...at, isListed: true }, place).map((need) => ({
          need: { ...ofS3(need), isOptional: true as const },
          pointer: at.pointer,
        })),
      ),
      ...places.flatMap(({ direction, identity, pointer }) =>
        direction === 'input' ? decryptNeeds(identity, scope, place).map((need) => ({ need, pointer })) : [],
      ),
    ],
    open,
  };
};

/** To read the code that a step hands to EMR: what nobody tells is under which role EMR reads it. */
export const handedCodeNeeds = (
  step: Step,
  scope: ResolveScope,
  place: Scope,
): { needs: DataNeed[]; open: UnknownNeed[] } => {
  const { places, open } = handedCode(step, scope);
  return {
    needs: places.map((at) => ({ need: ofS3(readOrWritten(at, place)), pointer: at.pointer })),
    open,
  };
};

/**
 * A job that was interrupted reads its checkpoints again. One that never was does its work without.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
 */
const CHECKPOINTS = /\/CheckpointConfig\/S3Uri$/;

/** How an output whose key the step names is encrypted. */
const encryptionOf = ({ direction, pointer }: DataPlace, keys: readonly StepKey[]): Need['request'] => {
  if (direction === 'input' || keys.length === 0) return undefined;
  const outputs = keys.filter(({ use }) => use === 'output');
  const byHolder = new Map(outputs.map((key) => [holderOf(key.pointer), key]));
  const named = keyAbove(pointer, byHolder);
  if (!named) return undefined;
  const isWhole = parseArn(named.key)?.resource.startsWith('key/');
  return {
    's3:x-amz-server-side-encryption': ['aws:kms'],
    ...(isWhole && { 's3:x-amz-server-side-encryption-aws-kms-key-id': [named.key] }),
  };
};

/**
 * A model that is not in one archive is copied file by file.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3ModelDataSource.html
 */
const isModelFolder = ({ direction, isObject, pointer }: DataPlace): boolean =>
  direction === 'input' && !isObject && MODEL_SOURCE.test(pointer);
const MODEL_SOURCE = /ModelDataSources?(?:\/\d+)?\/S3DataSource\/S3Uri$/;

const readOrWritten = (at: DataPlace, place: Scope): Need => ({
  ...placeNeed(at, place),
  ...(at.isCode && { isCode: true }),
});

const placeNeed = (
  { direction, bucket, keyPattern, nameStars, isObject }: DataPlace,
  { partition }: Scope,
): Need => {
  const action = direction === 'input' ? 's3:GetObject' : 's3:PutObject';
  const arn = (key: string): string => `arn:${partition}:s3:::${bucket}/${key}`;
  if (isObject) return { action, ...lastingPlace(arn(keyPattern)), ...ofNames(nameStars) };
  if (keyPattern.endsWith('*')) {
    const others = keyPattern.replaceAll('${*}', '').split('*').length - 2;
    return { action, ...lastingPlace(arn(keyPattern)), ...ofNames(Math.min(nameStars, others)) };
  }
  const folder = keyPattern === '' || keyPattern.endsWith('/') ? keyPattern : `${keyPattern}/`;
  const isFileToo = direction === 'input' && !keyPattern.endsWith('/') && keyPattern !== '';
  return {
    action,
    ...lastingPlace(arn(`${folder}*`)),
    ...ofNames(nameStars),
    ...(isFileToo && { or: [{ action, resource: arn(keyPattern) }] }),
  };
};

/**
 * What is known of every request of SageMaker to S3. S3 takes nothing older than TLS 1.2.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/network-isolation.html
 */
export const S3_REQUEST: NonNullable<Need['request']> = {
  's3:TlsVersion': ['1.2', '1.3'],
  's3:AccessGrantsInstanceArn': [null],
  's3:DataAccessPointArn': [null],
};

/** The need with what is known of its requests. Most needs have nothing of their own there and share one object. */
const ofS3 = (need: Need, encryption?: Need['request']): Need => ({
  ...need,
  request: need.request || encryption ? { ...S3_REQUEST, ...need.request, ...encryption } : S3_REQUEST,
});

const ofNames = (nameStars: number): Pick<Need, 'nameStars'> => (nameStars > 0 ? { nameStars } : {});

/**
 * A place in S3, and what of it lasts. The SDK puts the time, or a checksum of the code, into the keys of what it uploads,
 * so that each update of a pipeline reads and writes elsewhere.
 */
export const lastingPlace = (resource: string): Pick<Need, 'resource' | 'lasting'> => {
  const lasting = resource.replaceAll(OF_ONE_UPDATE, '*');
  return { resource, ...(lasting !== resource && { lasting }) };
};

const OF_ONE_UPDATE = /\b\d{4}(?:-\d{2}){5}-\d{3}\b|(?<=\/)[0-9a-f]{32,64}(?=\/)/g;

/** To list the keys of an input. A prefix is asked for as it is written, or as a folder: AWS does not say which. */
const listNeeds = ({ bucket, keyPattern, isListed, isObject }: DataPlace, { partition }: Scope): Need[] => {
  if (!isListed) return [];
  const prefix = onlyText(keyPattern);
  const isWhole = isObject || prefix?.endsWith('/');
  return [
    {
      action: 's3:ListBucket',
      resource: `arn:${partition}:s3:::${bucket}`,
      ...(prefix !== undefined && {
        request: { 's3:prefix': prefix === '' ? ['', null] : isWhole ? [prefix] : [prefix, `${prefix}/`] },
      }),
    },
  ];
};

/** To read what a step of the pipeline has encrypted: the use of its key. `identity` is that of an S3 place. */
export const decryptNeeds = (identity: string, scope: ResolveScope, place: Scope): Need[] =>
  encryptedWith(identity, scope).map((key) => decryptNeed(key, place));

/** The keys by which a step encrypts what lies at a place. */
const encryptedWith = (identity: string, scope: ResolveScope): StepKey[] => {
  const byFolder = encryptedFolders(scope);
  if (identity.length > MAX_PLACE || byFolder.size === 0) return [];
  const found: StepKey[] = [];
  for (let folder = withoutTrailing(identity, '/'); folder !== ''; ) {
    found.push(...(byFolder.get(folder) ?? []));
    folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0));
  }
  return found;
};

/** A bucket’s name and a key have 1,087 characters at most; what is not known is told by its name here. */
const MAX_PLACE = 4000;

/** By folder, the first keys with which steps encrypt what they write there. */
const encryptedFolders = remembered((scope: ResolveScope): ReadonlyMap<string, readonly StepKey[]> => {
  const byFolder = new Map<string, StepKey[]>();
  for (const step of scope.definition.steps) {
    const { places, keys } = stepData(step, scope);
    const byHolder = new Map(
      keys.filter(({ use }) => use === 'output').map((key) => [holderOf(key.pointer), key]),
    );
    for (const { direction, pointer, identity } of byHolder.size > 0 ? places : []) {
      const key = direction === 'output' ? keyAbove(pointer, byHolder) : undefined;
      if (!key) continue;
      const folder = withoutTrailing(identity, '/');
      const known = byFolder.get(folder) ?? [];
      byFolder.set(folder, known);
      if (known.length < MAX_KEYS && !known.some((other) => other.key === key.key)) known.push(key);
    }
  }
  return byFolder;
});

/** Several steps that write to one folder with different keys are rare. */
const MAX_KEYS = 5;

const holderOf = (pointer: string): string => pointer.slice(0, pointer.lastIndexOf('/'));

/** The key that stands beside a place, or beside the list that the place is in. */
const keyAbove = (pointer: string, byHolder: ReadonlyMap<string, StepKey>): StepKey | undefined => {
  for (let holder = holderOf(pointer); holder !== ''; holder = holderOf(holder)) {
    const key = byHolder.get(holder);
    if (key) return key;
  }
  return undefined;
};

const decryptNeed = (key: StepKey, place: Scope): Need => {
  const { or: _, ...need } = keyNeed(key, place);
  return { ...need, action: 'kms:Decrypt' };
};

/** By what AWS documents: kms:Encrypt for outputs, kms:CreateGrant for volumes; S3 itself asks for a data key. */
export const keyNeed = ({ key, use }: StepKey, { partition, region, account }: Scope): Need => {
  const keys = (name: string): string => `arn:${partition}:kms:${region}:${account}:key/${name}`;
  const arn = parseArn(key);
  const isAlias = key.startsWith('alias/') || arn?.resource.startsWith('alias/');
  const resource = isAlias ? keys('*') : literalText(arn ? key : keys(key));
  const alias = isAlias ? { alias: key } : {};
  const through = viaS3({ partition, region: arn?.region || region, account });
  return use === 'volume'
    ? {
        action: 'kms:CreateGrant',
        resource,
        ...alias,
        request: { 'kms:CallerAccount': [account], 'kms:GrantIsForAWSResource': ['true'] },
      }
    : {
        action: 'kms:GenerateDataKey',
        resource,
        ...alias,
        request: through,
        or: [
          {
            action: 'kms:Encrypt',
            resource,
            request: { 'aws:ViaAWSService': ['true'], 'kms:CallerAccount': [account] },
          },
        ],
      };
};

/**
 * S3 asks for the data keys of objects, in the Region of the bucket and so of the key. In China, AWS's pages name the
 * service with both endings.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
const viaS3 = ({ partition, region, account }: Scope): NonNullable<Need['request']> => ({
  'aws:ViaAWSService': ['true'],
  'kms:ViaService': [
    `s3.${region}.amazonaws.com`,
    ...(partition === 'aws-cn' ? [`s3.${region}.amazonaws.com.cn`] : []),
  ],
  'kms:CallerAccount': [account],
});

/**
 * A place that another step reads or writes, which the role of a step with a role of its own must not change: the keys of
 * its objects, as a pattern of a policy.
 */
export type ForeignPlace = { bucket: string; key: string; owner: string; pointer: string };

/** The places that the role of one step must not change. */
export type ForeignOf = { step: string; places: ForeignPlace[] };

/** So many places of other steps are looked at for each definition: fifty steps of ten roles with thirty places each. */
const MAX_LOOKED_AT = 750_000;

/**
 * For each step with a role of its own, the places of steps that the definition does not relate to it and that run
 * under another role. A place that several steps of a role must not change is told by the first of them. `unlisted` are roles of which not all places are told, as the definition has too many.
 */
export const foreignPlaces = (
  scope: ResolveScope,
  related: ReadonlyMap<Step, ReadonlySet<Step>>,
  roleArn: string,
): { foreign: ReadonlyMap<string, ForeignOf[]>; unlisted: ReadonlySet<string> } => {
  const steps = scope.definition.steps.map((step) => ({
    step,
    roles: new Set(dataRole(step, scope, roleArn).flatMap(({ role }) => role ?? [])),
    places: once(() =>
      stepData(step, scope).places.map((each) => {
        const place = foreignPlace(each, step.name);
        return { place, name: `${place.bucket}/${place.key}` };
      }),
    ),
  }));
  const foreign = new Map<string, ForeignOf[]>();
  const toldTo = oncePer(() => new Set<string>());
  const unlisted = new Set<string>();
  let left = MAX_LOOKED_AT;
  for (const { step, roles } of steps)
    for (const role of roles) {
      if (role === roleArn) continue;
      const found = foreign.get(role) ?? [];
      foreign.set(role, found);
      const told = toldTo(role);
      const places: ForeignPlace[] = [];
      for (const other of steps) {
        left -= 1;
        if (left < 0) break;
        if (other.step === step || related.get(step)?.has(other.step) || other.roles.has(role)) continue;
        for (const { place, name } of other.places()) {
          left -= 1;
          if (told.has(name)) continue;
          told.add(name);
          places.push(place);
        }
      }
      if (left < 0) unlisted.add(role);
      if (places.length > 0) found.push({ step: step.name, places });
    }
  return { foreign, unlisted };
};

const foreignPlace = ({ bucket, keyPattern, isObject, pointer }: DataPlace, owner: string): ForeignPlace => {
  if (isObject || keyPattern.endsWith('*')) return { bucket, key: keyPattern, owner, pointer };
  const folder = keyPattern === '' || keyPattern.endsWith('/') ? keyPattern : `${keyPattern}/`;
  return { bucket, key: `${folder}*`, owner, pointer };
};
