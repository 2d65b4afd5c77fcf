import { groupBy } from '../group-by.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { isPattern, matchesGlob } from '../iam/policy/glob.ts';
import type { Policy, PolicyKind } from '../iam/policy/policy.ts';
import { principalOf } from '../iam/policy/principal.ts';
import type { DeclaredResource } from './declared.ts';
import { ofType } from './of-type.ts';
import { textsOf } from './texts.ts';

/** The most strangers that stand for the account’s other roles. */
const MAX_STRANGERS = 40;

/**
 * Roles that stand for those of an account of which nothing is known: one for all, and one for each pattern of roles that policies
 * name, in each account. Nobody knows what they may do and who may assume them, so that nothing passes which hangs on them. `isWhole`
 * is false where there are more such patterns than strangers.
 */
export const strangers = (
  resources: readonly DeclaredResource[],
): { roles: Identity[]; isWhole: boolean } => {
  const found = [...groupBy(resources, ({ scope }) => scope.account).values()].map(strangersOf);
  return { roles: found.flatMap(({ roles }) => roles), isWhole: found.every(({ isWhole }) => isWhole) };
};

/** Those of one account. */
const strangersOf = (resources: readonly DeclaredResource[]): { roles: Identity[]; isWhole: boolean } => {
  const [home] = resources;
  if (!home) return { roles: [], isWhole: true };
  const { partition, account } = home.scope;
  const declared = ofType(resources, 'role', 'user', 'group').map(({ arn }) => arn);
  const named = textsOf(resources).flatMap(({ text, place }) =>
    place.in === 'policy' && isPattern(text) && ROLES.test(text) ? text : [],
  );
  const names = new Set<string>(['another-role']);
  let isWhole = true;
  for (const pattern of named) {
    const path = pattern.slice(pattern.indexOf(':role/') + ':role/'.length);
    const name = path.replaceAll('*', 'x').replaceAll('?', 'x');
    // A pattern that matches a stranger already needs none of its own.
    if ([...names].some((each) => matchesGlob(path, each))) continue;
    if (names.size >= MAX_STRANGERS) isWhole = false;
    else if (!declared.some((arn) => arn.endsWith(`:role/${name}`))) names.add(name);
  }
  const roles = [...names].flatMap((name) => stranger(`arn:${partition}:iam::${account}:role/${name}`));
  return { roles, isWhole };
};

const ROLES = /^arn:[^:]*:iam:[^:]*:[^:]*:role\//;

const stranger = (arn: string): Identity[] => {
  const principal = principalOf(arn);
  if (!principal) return [];
  return [
    {
      principal,
      name: arn.slice(arn.lastIndexOf('/') + 1),
      policies: { identity: indexPolicies([unknown(`policies of ${arn}`, 'identity')]) },
      groups: [],
      trust: unknown(`trust policy of ${arn}`, 'trust'),
    },
  ];
};

const unknown = (name: string, kind: PolicyKind): Policy => ({
  name,
  kind,
  version: '2012-10-17',
  statements: [],
  problems: [
    {
      code: 'missing-document',
      severity: 'error',
      message: 'the account’s other roles are not known; --snapshot or --live tells them',
      pointer: '',
    },
  ],
  isReadable: false,
});
