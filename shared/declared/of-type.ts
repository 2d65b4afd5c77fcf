import type { Unread } from '../domain/gap.ts';
import { NOT_DECLARED } from '../reader/read-result.ts';
import type { DeclaredResource } from './declared.ts';

/** The declared resources of one type. */
export type DeclaredOf<Type extends DeclaredResource['type']> = Extract<DeclaredResource, { type: Type }>;

/** The resources of these types. */
export const ofType = <Type extends DeclaredResource['type']>(
  resources: readonly DeclaredResource[],
  ...types: readonly Type[]
): DeclaredOf<Type>[] =>
  resources.filter((each): each is DeclaredOf<Type> => (types as readonly string[]).includes(each.type));

/** Whether something is not read because nothing beside what is declared is known. */
export const isUndeclared = ({ code }: Unread): boolean => code === NOT_DECLARED;
