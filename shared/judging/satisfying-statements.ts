import type { Evidence } from '../domain/finding.ts';
import type { Facts } from '../facts/facts.ts';
import type { CompiledStatement, PolicyIndex } from '../iam/decide/policy-index.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { Statement } from '../iam/policy/policy.ts';
import { oncePer, remembered } from '../memo.ts';
import { listed } from '../text/listed.ts';

/** Where something was looked at, and what stood there. */
export type Looked = Pick<Evidence, 'at' | 'found'>;

/** An auditor samples passes, and looks up a few places of each. */
export const MOST_PLACES = 5;

/** The calls by which a principal makes jobs. */
export const CREATE = ['Processing', 'Training', 'Transform', 'HyperParameterTuning', 'AutoML'].map(
  (kind) => `sagemaker:Create${kind}Job`,
);

/** The calls that change what a role may do, or who may assume it. */
const CHANGE_ROLE = [
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:CreatePolicyVersion',
  'iam:UpdateAssumeRolePolicy',
];

/** The statements of a layer that are about some calls, or that there is none. */
export const statementsAbout = (
  index: PolicyIndex | undefined,
  where: string,
  actions: readonly string[],
): Looked[] => {
  const told = statementsIn(index, actions).slice(0, MOST_PLACES).map(statementFound);
  return told.length > 0 ? told : [{ at: where, found: `no statement is about ${few(actions)}` }];
};

/** The statements of a principal that are about what a control asks, or that there is none. */
export const ownStatements =
  (actions: readonly string[]) =>
  ({ principal }: Partial<Facts>): Looked[] => {
    if (!principal) return [];
    const { identity } = principal;
    return statementsAbout(identity.policies.identity, `policies of ${identity.principal.arn}`, actions);
  };

/** The statements of SCPs that are about a call, or that there is none. */
export const scpStatements = (scps: readonly PolicyIndex[], actions: readonly string[]): Looked[] => {
  const told = scps
    .flatMap((level) => statementsIn(level, actions))
    .filter(({ statement: { effect } }) => effect === 'Deny');
  return told.length > 0
    ? told.slice(0, MOST_PLACES).map(statementFound)
    : [{ at: 'policies of the organization', found: `no statement denies ${few(actions)}` }];
};

/** The statements of a trust policy, and whom each lets in. */
export const trustStatements = ({ roleArn, identity }: Facts['trust']): Looked[] => {
  const { name = `trust policy of ${roleArn}`, statements = [] } = identity?.trust ?? {};
  return statements.slice(0, MOST_PLACES).map((statement) => ({
    at: `${name}${statement.pointer}`,
    found: statementText(statement, statement.actions.texts),
  }));
};

/**
 * The statements about calls that change roles of users and roles that neither are administrators nor are named as such: none of them lets
 * anybody change the judged role. Found once for all roles of an account.
 */
export const changingStatements = remembered((principals: Facts['principals']) =>
  oncePer((named: readonly string[]) => changingOf(principals, named)),
);

const changingOf = (principals: Facts['principals'], named: readonly string[]): Looked[] => {
  const told: Looked[] = [];
  for (const { identity, administrator } of principals) {
    if (told.length >= MOST_PLACES) break;
    const of = identity.principal.arn;
    if (administrator.answer === 'yes' || matchesAny(named, of)) continue;
    if (!CHANGE_ROLE.some(mayAllow(identity.policies.identity))) continue;
    for (const each of statementsIn(identity.policies.identity, CHANGE_ROLE)) {
      const { at, found } = statementFound(each);
      told.push({ at, found: `${of}: ${found}` });
    }
  }
  return told.length > 0
    ? told.slice(0, MOST_PLACES)
    : [
        {
          at: `policies of ${principals.length} users and roles`,
          found: `no statement of one that is no administrator allows ${few(CHANGE_ROLE)}`,
        },
      ];
};

const mayAllow =
  (index: PolicyIndex | undefined) =>
  (action: string): boolean =>
    index?.allowsSome(action.toLowerCase()) === true;

type Asked = CompiledStatement & { of: readonly string[] };

const statementsIn = (index: PolicyIndex | undefined, actions: readonly string[]): Asked[] => {
  const about = new Map<CompiledStatement, string[]>();
  for (const action of actions) {
    const { allows, denies } = index?.candidates(action.toLowerCase()) ?? { allows: [], denies: [] };
    for (const each of [...denies, ...allows]) about.set(each, [...(about.get(each) ?? []), action]);
  }
  return [...about].map(([each, of]) => ({ ...each, of }));
};

const statementFound = ({ policy, statement, of }: Asked): Looked => ({
  at: `${policy.name}${statement.pointer}`,
  found: statementText(statement, of),
});

const statementText = (
  { effect, resources, conditions, principals }: Statement,
  actions: readonly string[],
): string => {
  const whom = principals
    ? ` to ${principals.isNot ? 'all but ' : ''}${few(principals.principals.map(({ value }) => value))}`
    : '';
  const on = resources ? ` on ${resources.isNot ? 'all but ' : ''}${few(resources.texts)}` : '';
  const keys = [...new Set(conditions.map(({ key }) => key))];
  return `it ${effect === 'Allow' ? 'allows' : 'denies'} ${few(actions)}${whom}${on}${keys.length > 0 ? `, if ${few(keys)} fits` : ''}`;
};

/** The first of some texts, and how many more there are. */
export const few = (texts: readonly string[]): string => listed(texts, MOST_PLACES);
