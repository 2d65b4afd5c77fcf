import { isPipelineRole } from '../authorised/roles.ts';
import type { Config } from '../config/schema.ts';
import type { Evidence } from '../domain/finding.ts';
import type { AccountPrincipal, Facts } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { contextOf } from '../iam/decide/context.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import type { Explanation } from '../iam/explain/explain.ts';
import { type Why, why } from '../iam/explain/why.ts';
import type { AnyAnswer, Doubt } from '../iam/sets/answers.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import { type SharedWork, sharedWork } from '../iam/sets/shared-work.ts';
import { amongRoles, onlyOne } from '../iam/sets/universe.ts';
import { type Concern, doubtEvidence } from '../judging/concern.ts';
import { remembered, rememberedPart } from '../memo.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import type { Reaching } from './iam-calls.ts';
import { PASS_ROLE, passing, waysOf } from './pass-question.ts';
import { servicesNamed, trusts, trustsOwnAccount } from './service-trust.ts';
import { CLOUDFORMATION, SERVICES_KNOWN, type Use, useOf } from './service-use.ts';
import { isSure as isSureWay, type Way } from './way.ts';

/** The roles of an account, which principals are administrators, and which become so, each with the way. */
type Account = {
  roles: readonly AccountPrincipal[];
  administrators: Facts['administrators'];
  becoming: ReadonlyMap<string, Way>;
};

/** Whether a role is told of itself, so that it is not told of everybody who may pass it as well. */
export type IsToldOfItself = (roleArn: string) => boolean;

/** A role of pipelines is told of itself. */
export const toldOfThemselves =
  ({ roles }: Facts['roster'], config: Config): IsToldOfItself =>
  (arn) =>
    isPipelineRole(arn, roles.get(arn) ?? { executes: [], runsSteps: [] }, config);

/**
 * A way to act as an administrator: the statements on it, in the order of the calls, then the administrator’s role, and how it becomes one.
 * With a doubt, it is not known whether the way exists.
 */
export type Path = {
  evidence: [Evidence, ...Evidence[]];
  /** The administrator’s role. */
  to: string;
  doubt?: Doubt;
  /** The service to which the principal itself passes the role; absent if another role does it. */
  passedTo?: string;
  /** The role that the principal assumes, and that passes the administrator’s role. */
  assumed?: string;
};

const EXPECTED = 'no administrator that can be reached by passing roles';

/**
 * How a principal can act as an administrator by passing a role: to a service that can assume the role and that the
 * principal can put to work, or under another role that it can assume and that can do so (as the CDK’s deploy role does).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
export const administratorReached = (
  account: Account,
  principal: AccountPrincipal,
  isToldOfItself: IsToldOfItself,
  shared: SharedWork,
): Path | undefined => {
  const direct = pathFrom(principal, account, shared, isToldOfItself);
  if (direct && !direct.doubt) return direct;
  const { arn } = principal.identity.principal;
  const indirect = deputiesOf(account)
    .filter(({ role }) => role.identity.principal.arn !== arn)
    .flatMap(({ role, path }) => {
      const assumed = assumes(principal, role, shared);
      return assumed ? [followed(assumed, path)] : [];
    });
  return best([...(direct ? [direct] : []), ...indirect]);
};

/** The path as concerns of a verdict. */
export const pathConcerns = (path: Path | undefined): Concern[] => {
  if (!path) return [];
  const { evidence, doubt } = path;
  return doubt
    ? [{ is: 'open', evidence: evidence[0], doubt }]
    : evidence.map((each) => ({ is: 'shown', evidence: each }));
};

const best = (paths: readonly Path[]): Path | undefined => paths.find(({ doubt }) => !doubt) ?? paths[0];

const followed = (first: Path, second: Path): Path => {
  const doubt = first.doubt ?? second.doubt;
  return {
    evidence: [...first.evidence, ...second.evidence],
    to: second.to,
    assumed: first.to,
    ...(doubt && { doubt }),
  };
};

/** Administrators’ roles by the service that can assume them, or perhaps can. */
type Targets = ReadonlyMap<string, readonly { role: string; isSure: boolean }[]>;

const targetsOf = ({ roles, administrators, becoming }: Account): Targets =>
  targetsIn(roles)(administrators)(becoming);

const targetsIn = remembered((roles: Account['roles']) =>
  rememberedPart((administrators: Account['administrators']) =>
    rememberedPart((becoming: Account['becoming']): Targets => {
      const found = roles.flatMap((role) => {
        const { arn } = role.identity.principal;
        const way = becoming.get(arn);
        const standing = administrators.get(arn) ?? (way && (isSureWay(way) ? 'yes' : 'unknown'));
        if (standing === undefined) return [];
        return [...new Set([...SERVICES_KNOWN, ...servicesNamed(role)])].flatMap((service) => {
          const trust = trusts(role, service);
          return trust === 'no' ? [] : { role: arn, service, isSure: trust === 'yes' && standing === 'yes' };
        });
      });
      return groupBy(found, ({ service }) => service);
    }),
  ),
);

/** How the principal itself can pass an administrator’s role to a service that then acts as the principal wants. */
const pathFrom = (
  principal: AccountPrincipal,
  account: Account,
  shared: SharedWork,
  isToldOfItself: IsToldOfItself = () => false,
): Path | undefined => {
  const { arn } = principal.identity.principal;
  if (!mentionsPassing(principal)) return undefined;
  const targets = [...targetsOf(account)].toSorted(([one], [other]) => rank(one) - rank(other));
  const ways = waysOf(principal, shared);
  let open: Path | undefined;
  for (const [service, roles] of targets)
    for (const isSure of [true, false])
      for (const way of ways) {
        const arns = roles
          .filter((each) => each.isSure === isSure && each.role !== arn && !isToldOfItself(each.role))
          .map(({ role }) => role);
        if (arns.length === 0) continue;
        const path = pathTo(arns, isSure, service, principal, way, account, shared);
        if (path && !path.doubt) return path;
        open ??= path;
      }
  return open;
};

/** The path that concerns pipelines most stands first. */
const rank = (service: string): number => [SAGEMAKER, CLOUDFORMATION].indexOf(service) + 1 || 3;

const mentionsPassing = ({ policies: { identity } }: AccountPrincipal): boolean =>
  identity !== undefined &&
  (identity.unreadable.length > 0 || identity.candidates(PASS_ROLE.toLowerCase()).allows.length > 0);

const pathTo = (
  arns: readonly string[],
  isSure: boolean,
  service: string,
  principal: AccountPrincipal,
  way: Reaching,
  { administrators, becoming }: Account,
  shared: SharedWork,
): Path | undefined => {
  const universe = amongRoles(arns, principal.scope);
  const found = allowedBeyond({ ...passing(principal, service, way), universe }, shared);
  if (found.answer === 'none') return undefined;
  const [first = ''] = arns;
  const role =
    found.answer === 'some'
      ? found.example.resource
      : found.doubt.kind === 'hangs'
        ? found.doubt.example.resource
        : first;
  const use = useOf(principal, service, role, shared);
  if (use.answer === 'no') return undefined;
  const to = `${role} to ${service}${way.isByStack ? ', through a stack of CloudFormation' : ''}`;
  const isDirect = administrators.has(role);
  const may = isDirect ? 'may write any role’s policies' : 'becomes an administrator';
  const evidence: Path['evidence'] = [
    { ...passed(found, to, use), expected: EXPECTED },
    {
      at: role,
      found: isSure
        ? `it ${may}, and ${service} can assume it`
        : `whether it ${may}, and ${service} can assume it, is not known`,
      expected: 'no such role',
    },
    ...(isDirect ? [] : (becoming.get(role) ?? []).map((call) => call.evidence)),
  ];
  if (isSure && found.answer === 'some' && use.answer === 'yes')
    return { evidence, to: role, passedTo: service };
  const doubt: Doubt = found.answer === 'some' ? { kind: 'hangs', example: found.example } : found.doubt;
  return { evidence, to: role, doubt, passedTo: service };
};

const passed = (found: Exclude<AnyAnswer, { answer: 'none' }>, to: string, use: Use): Why => {
  const first =
    found.answer === 'some'
      ? why(found.example.explanation, PASS_ROLE, to)
      : doubtEvidence(found.doubt, PASS_ROLE, () => to);
  if (use.answer === 'unknown')
    return { ...first, found: `${first.found}; whether it can put the service to work is not known` };
  if (use.answer === 'no' || !use.because) return first;
  const { actions, why: uses } = use.because;
  return { ...first, found: `${first.found}, and ${uses.at} allows ${actions[0]}` };
};

/** The roles that somebody of the account can assume, and how each of them reaches one that is an administrator already. */
const deputiesOf = ({ roles, administrators }: Account): { role: AccountPrincipal; path: Path }[] =>
  deputiesIn(roles)(administrators);

/** The work for these questions about one role, which few roles need. */
const DEPUTY_STEPS = 500_000;

const NOBODY: ReadonlyMap<string, Way> = new Map();

const deputiesIn = remembered((roles: Account['roles']) =>
  rememberedPart((administrators: Account['administrators']) =>
    roles.flatMap((role) => {
      if (administrators.get(role.identity.principal.arn) === 'yes' || !trustsOwnAccount(role)) return [];
      const account = { roles, administrators, becoming: NOBODY };
      const path = pathFrom(role, account, sharedWork(DEPUTY_STEPS));
      return path ? { role, path } : [];
    }),
  ),
);

/** The first step of a path: that the principal can assume the role, or perhaps can. */
const assumes = (
  { policies, identity }: AccountPrincipal,
  { identity: other }: AccountPrincipal,
  shared: SharedWork,
): Path | undefined => {
  const { arn } = other.principal;
  const question = {
    policies: { ...policies, resource: indexPolicies(other.trust ? [other.trust] : []) },
    request: {
      principal: identity.principal,
      action: ASSUME,
      context: contextOf({ 'sts:ExternalId': null, 'aws:SecureTransport': 'true' }),
    },
    universe: onlyOne(arn),
  };
  const found = allowedBeyond(question, shared);
  switch (found.answer) {
    case 'none':
      return undefined;
    case 'some':
      return { evidence: [{ ...ownStatement(found.example.explanation, arn), expected: EXPECTED }], to: arn };
    case 'unknown':
      return {
        evidence: [{ ...doubtEvidence(found.doubt, ASSUME, () => arn), expected: EXPECTED }],
        to: arn,
        doubt: found.doubt,
      };
  }
};

/** The statement of the principal’s own policies, if one is needed beside the trust policy. */
const ownStatement = (explanation: Explanation, arn: string): Why => {
  const own = explanation.decidedBy.find(({ layer }) => layer === 'identity');
  return own
    ? {
        at: `${own.policy}${own.pointer}`,
        found: `statement ${own.statement} allows ${ASSUME} on ${arn}, whose trust policy allows it as well`,
      }
    : why(explanation, ASSUME, arn);
};

const ASSUME = 'sts:AssumeRole';
