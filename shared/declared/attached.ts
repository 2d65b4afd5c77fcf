import type { DeclaredResource } from './declared.ts';
import { type DeclaredOf, ofType } from './of-type.ts';

type AttachedTo = (type: string, name: string) => DeclaredOf<'attached-policy'>[];

/** The policies that are declared apart from their principals, by these. */
export const attachedIn = (resources: readonly DeclaredResource[]): AttachedTo => {
  const attached = ofType(resources, 'attached-policy');
  return (type, name) =>
    attached.filter(({ holder }) => holder.type === type && holder.name.toLowerCase() === name.toLowerCase());
};
