import type { Policies } from '../iam/decide/layers.ts';
import { indexesOf } from '../iam/sets/statements.ts';
import { remembered } from '../memo.ts';

const KEY = 'aws:principaltag/';
const VARIABLE = /\$\{aws:PrincipalTag\/([^},]+)/gi;

/** The keys, in lower case, of the principal’s own tags that its policies, its boundary or SCPs ask about. */
export const tagKeysAsked = remembered((policies: Policies): readonly string[] => [
  ...new Set(
    indexesOf(policies)
      .flatMap(({ statements }) => statements)
      .flatMap(({ statement: { conditions, resources } }) => [
        ...conditions.flatMap(({ keyName }) => (keyName.startsWith(KEY) ? keyName.slice(KEY.length) : [])),
        ...[...conditions.map(({ texts }) => texts), resources?.texts ?? []]
          .flat()
          .flatMap((text) => [...text.matchAll(VARIABLE)].map(([, key = '']) => key.toLowerCase())),
      ]),
  ),
]);
