import { assume, type ContextValue } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { Request } from '../iam/decide/request.ts';
import { outsideNetworks } from '../iam/sets/network-limits.ts';
import { keeping } from '../memo.ts';
import type { RoleNeed } from '../needs/roster.ts';

/** The condition keys of a request of which it is known what they are. */
type KnownKeys = Readonly<Record<string, ContextValue>>;

/**
 * The needs that a denied request may be of, without those whose own requests the policies allow; and the keys that the requests
 * of all that are left have in common.
 */
export type Narrowed = { left: readonly RoleNeed[]; allowed: readonly RoleNeed[]; known: KnownKeys };

/**
 * Finds which of several needs a denied request is of: definitions tell some condition keys of each request, such as the subnets of
 * a job, and SageMaker reads files for JsonGet from outside every VPC.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const narrowedTo = (asking: readonly RoleNeed[], request: Request, layers: Policies): Narrowed => {
  const decided = keeping<boolean>(MAX_KEPT);
  const isAllowed = (keys: KnownKeys): boolean =>
    decided(
      JSON.stringify(keys),
      () => decide(layers, { ...request, context: assume(request.context, keys) }) === 'Allow',
    );
  const each = asking.map((asked) => ({ asked, keys: keysOf(asked) }));
  const denied = each.filter(({ keys }) => !isAllowed(keys));
  const left = denied.length > 0 ? denied : each;
  const of = (some: typeof each): RoleNeed[] => some.map(({ asked }) => asked);
  return {
    left: of(left),
    allowed: denied.length > 0 ? of(each.filter((one) => !denied.includes(one))) : [],
    known: common(left.map(({ keys }) => keys)),
  };
};

/** The requests of many steps have few keys that differ. */
const MAX_KEPT = 1000;

const keysOf = ({ kind, need: { request = {} } }: RoleNeed): KnownKeys => ({
  ...(kind === 'json-get' ? outsideNetworks() : {}),
  ...Object.fromEntries(
    Object.entries(request).flatMap(([key, [value, ...others]]) =>
      value !== undefined && others.length === 0 ? [[key, value] as const] : [],
    ),
  ),
});

const common = ([first, ...others]: readonly KnownKeys[]): KnownKeys =>
  Object.fromEntries(
    Object.entries(first ?? {}).filter(([key, value]) =>
      others.every((keys) => Object.hasOwn(keys, key) && JSON.stringify(keys[key]) === JSON.stringify(value)),
    ),
  );
