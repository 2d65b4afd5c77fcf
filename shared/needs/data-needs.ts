import { dataRole } from '../definition/data-role.ts';
import type { ResolveScope } from '../definition/expression.ts';
import type { Step } from '../definition/parse.ts';
import type { DataPlace } from '../definition/s3-place.ts';
import { stepData } from '../definition/step-data.ts';
import type { StepKey } from '../definition/step-keys.ts';
import { parseArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { once } from '../memo.ts';
import type { Need, Open } from './need.ts';

/** A need of a step's own role, and where in the definition it stands. */
export type DataNeed = Need & { pointer: string };

/**
 * What the role of a step's job must be allowed for its data: to read its inputs, to write its outputs, and to use the
 * KMS keys that it names.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
 */
export const dataNeeds = (
  step: Step,
  scope: ResolveScope,
  place: Scope,
): { needs: DataNeed[]; open: Open[] } => {
  const { places, keys, open } = stepData(step, scope);
  return {
    needs: [
      ...places.map((at) => ({ ...placeNeed(at, place), pointer: at.pointer })),
      ...keys.map((key) => ({ ...keyNeed(key, place), pointer: key.pointer })),
    ],
    open,
  };
};

const placeNeed = ({ direction, bucket, keyPattern, isObject }: DataPlace, { partition }: Scope): Need => {
  const action = direction === 'input' ? 's3:GetObject' : 's3:PutObject';
  const arn = (key: string): string => `arn:${partition}:s3:::${bucket}/${key}`;
  if (isObject || keyPattern.endsWith('*')) return { action, resource: arn(keyPattern) };
  const folder = keyPattern === '' || keyPattern.endsWith('/') ? keyPattern : `${keyPattern}/`;
  const isFileToo = direction === 'input' && !keyPattern.endsWith('/') && keyPattern !== '';
  return {
    action,
    resource: arn(`${folder}*`),
    ...(isFileToo && { or: [{ action, resource: arn(keyPattern) }] }),
  };
};

/** By what AWS documents: kms:Encrypt for outputs, kms:CreateGrant for volumes; S3 itself asks for a data key. */
const keyNeed = ({ key, use }: StepKey, { partition, region, account }: Scope): Need => {
  const keys = (name: string): string => `arn:${partition}:kms:${region}:${account}:key/${name}`;
  const arn = parseArn(key);
  const isAlias = key.startsWith('alias/') || arn?.resource.startsWith('alias/');
  const resource = isAlias ? keys('*') : arn ? key : keys(key);
  const alias = isAlias ? { alias: key } : {};
  return use === 'volume'
    ? { action: 'kms:CreateGrant', resource, ...alias }
    : { action: 'kms:GenerateDataKey', resource, ...alias, or: [{ action: 'kms:Encrypt', resource }] };
};

/** A place that another step reads or writes, which the role of a step with a role of its own must not change. */
export type ForeignPlace = { bucket: string; key: string; owner: string; pointer: string };

/** Stands for the objects that lie in a folder. */
export const ANY_OBJECT = 'pipewarden-any-object';

/**
 * For each step with a role of its own, the places of steps that the definition does not relate to it and that run
 * under another role, each by one object that would lie there. A place that several steps of a role must not change is
 * told by the first of them.
 */
export const foreignPlaces = (
  scope: ResolveScope,
  related: ReadonlyMap<Step, ReadonlySet<Step>>,
  roleArn: string,
): Map<string, { step: string; places: ForeignPlace[] }[]> => {
  const steps = scope.definition.steps.map((step) => ({
    step,
    roles: dataRole(step, scope, roleArn).flatMap(({ role }) => role ?? []),
    places: once(() => stepData(step, scope).places.map((place) => foreignPlace(place, step.name))),
  }));
  const foreign = new Map<string, { step: string; places: ForeignPlace[] }[]>();
  const told = new Set<string>();
  const isNew = (role: string, { bucket, key }: ForeignPlace): boolean => {
    const before = told.size;
    return told.add(`${role} ${bucket}/${key}`).size > before;
  };
  for (const { step, roles } of steps)
    for (const role of new Set(roles)) {
      if (role === roleArn) continue;
      const others = steps.filter(
        (other) => other.step !== step && !related.get(step)?.has(other.step) && !other.roles.includes(role),
      );
      const places = others.flatMap((other) => other.places()).filter((place) => isNew(role, place));
      const found = foreign.get(role) ?? [];
      if (places.length > 0) found.push({ step: step.name, places });
      foreign.set(role, found);
    }
  return foreign;
};

const foreignPlace = ({ bucket, keyPattern, isObject, pointer }: DataPlace, owner: string): ForeignPlace => {
  const key = /[*$]/.test(keyPattern)
    ? keyPattern.replaceAll('*', 'any').replaceAll(/\$\{([*?$])\}/g, '$1')
    : keyPattern;
  const folder = key === '' || key.endsWith('/') ? key : `${key}/`;
  return { bucket, key: isObject ? key : `${folder}${ANY_OBJECT}`, owner, pointer };
};
