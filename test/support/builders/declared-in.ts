import type { DeclaredResource } from '../../../shared/declared/declared.ts';
import type { Json } from '../../../shared/json/json.ts';

/** Where resources are declared that a test makes: in an account and Region, by a source without places. */
export const declaredIn = (path: string): Pick<DeclaredResource, 'scope' | 'origin'> => ({
  scope: { account: '111122223333', region: 'eu-west-1', partition: 'aws' },
  origin: { file: { path, places: () => new Map() }, pointer: '' },
});

/** A policy that allows an action on everything. */
export const allowing = (Action: string): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
