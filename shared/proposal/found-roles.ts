import { creatorContext } from '../authorised/creators.ts';
import { arnName, isPolicyOfAws } from '../domain/arn.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { decide } from '../iam/decide/decide.ts';
import { isPattern, matchesGlob } from '../iam/policy/glob.ts';
import { isAdministrator } from '../judging/administrators.ts';
import { remembered } from '../memo.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import type { Noted } from './noted.ts';
import { isRoleArn, type PipelineSurvey } from './survey.ts';

/** Roles in use, and administrators among them, which a proposal leaves out. */
export type FoundRoles = { roles: Noted<string>[]; administrators: Noted<string>[] };

/** AWS puts roles for any service under these paths. */
const SHARED_PATHS = ['service-role', 'aws-service-role', 'aws-reserved'];

/** The roles that pipelines run under. */
export const foundExecutionRoles = (
  pipelines: readonly PipelineSurvey[],
  principals: readonly AccountPrincipal[],
): FoundRoles =>
  rolesInUse(
    pipelines.map(({ roleArn, name }) => ({ roleArn, pipeline: name })),
    new Set(),
    principals,
  );

/**
 * The roles that steps name, without those that pipelines run under, and the roles of labelling jobs. EMR steps give a
 * role's name, which is looked up in the account.
 */
export const foundStepRoles = (
  pipelines: readonly PipelineSurvey[],
  principals: readonly AccountPrincipal[],
): FoundRoles => {
  const execution = new Set(pipelines.map(({ roleArn }) => roleArn));
  const byName = new Map(
    principals.flatMap(({ identity: { principal, name } }) =>
      principal.kind === 'role' ? [[name, principal.arn]] : [],
    ),
  );
  const named = pipelines.flatMap(({ name, stepRoles }) =>
    stepRoles
      .map((role) => ({ roleArn: byName.get(role) ?? role, pipeline: name }))
      .filter(({ roleArn }) => !execution.has(roleArn)),
  );
  const ofSteps = new Set([...execution, ...named.map(({ roleArn }) => roleArn)]);
  const labelling = named.length > 0 ? labellingRoles(ofSteps, principals) : [];
  return rolesInUse([...named, ...labelling], execution, principals);
};

/** The calls that make jobs or pipelines, which nobody makes who only starts labelling jobs. */
const OTHER_WORK = [
  'sagemaker:createpipeline',
  'sagemaker:createtrainingjob',
  'sagemaker:createprocessingjob',
];

/**
 * The roles, beside those of pipelines, that somebody passes by name to SageMaker who makes labelling jobs and no others.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sms-security-permission-execution-role.html
 */
const labellingRoles = (
  ofPipelines: ReadonlySet<string>,
  principals: readonly AccountPrincipal[],
): RoleInUse[] => {
  const arns = new Set(
    principals.map(({ identity }) => identity.principal.arn).filter((arn) => !ofPipelines.has(arn)),
  );
  return principals.flatMap((starter): RoleInUse[] => {
    const allows = (action: string) => starter.policies.identity?.candidates(action).allows ?? [];
    if (allows('sagemaker:createlabelingjob').length === 0) return [];
    if (OTHER_WORK.some((action) => allows(action).length > 0) || isAdministrator(starter)) return [];
    const named = allows('iam:passrole').flatMap(({ statement }) => statement.resources?.texts ?? []);
    const { identity, policies, scope } = starter;
    const context = creatorContext(scope.regions[0], SAGEMAKER);
    return [...new Set(named)]
      .filter((arn) => arns.has(arn))
      .filter((resource) => {
        const asked = { principal: identity.principal, action: 'iam:PassRole', resource, context };
        return decide(policies, asked) === 'Allow';
      })
      .map((roleArn) => ({ roleArn, starter: identity.name }));
  });
};

/** A role that a pipeline uses, or that labelling jobs run under which somebody starts. */
type RoleInUse = { roleArn: string } & ({ pipeline: string } | { starter: string });

/**
 * One pattern for roles that share a path, or a name by which a policy of the account's own lets them be passed, if it
 * covers no other role of the account but those that are `allowed` as well; otherwise their ARNs.
 */
const rolesInUse = (
  uses: readonly RoleInUse[],
  allowed: ReadonlySet<string>,
  principals: readonly AccountPrincipal[],
): FoundRoles => {
  const byArn = groupBy(
    uses.filter(({ roleArn }) => isRoleArn(roleArn)),
    ({ roleArn }) => roleArn,
  );
  const strong = new Set(
    principals
      .filter(({ identity }) => byArn.has(identity.principal.arn))
      .filter(isAdministrator)
      .map(({ identity }) => identity.principal.arn),
  );
  const others = principals
    .map(({ identity }) => identity.principal.arn)
    .filter((arn) => strong.has(arn) || !(byArn.has(arn) || allowed.has(arn)));
  const used = [...byArn.keys()].filter((arn) => !strong.has(arn)).toSorted();
  const noteOf = (arns: readonly string[]): string => usedBy(arns.flatMap((arn) => byArn.get(arn) ?? []));
  const roles: Noted<string>[] = [];
  let left = used;
  for (const pattern of [...pathsOf(used), ...passedPatterns(principals)]) {
    const covered = left.filter((arn) => matchesGlob(pattern, arn));
    if (covered.length < 2 || others.some((arn) => matchesGlob(pattern, arn))) continue;
    roles.push({
      value: pattern,
      notes: [
        `${listed(covered.map(arnName))}: ${noteOf(covered)}`,
        'it covers whatever role is made under such a name later; where that is not meant, list these roles in its place',
      ],
    });
    left = left.filter((arn) => !covered.includes(arn));
  }
  return {
    roles: [...roles, ...left.map((arn) => ({ value: arn, notes: [noteOf([arn])] }))].toSorted(
      ({ value: one }, { value: other }) => (one < other ? -1 : 1),
    ),
    administrators: [...strong].toSorted().map((arn) => ({ value: arn, notes: [noteOf([arn])] })),
  };
};

/** The paths of roles, each as a pattern, without those under which AWS puts roles for any service. */
const pathsOf = (arns: readonly string[]): string[] =>
  [...new Set(arns.map((arn) => arn.slice(0, arn.lastIndexOf('/') + 1)))]
    .filter((path) => !path.endsWith(':role/') && !SHARED_PATHS.includes(path.split('/')[1] ?? ''))
    .map((path) => `${path}*`);

/** A pattern of the names of an account's roles that begins with some letters, so that it is no pattern of all roles. */
const NAMED_ROLES = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@-]{2}[\w+=,.@/*?-]*$/;

/** The patterns by which policies of the account's own, boundaries among them, let roles be passed. */
const passedPatterns = remembered((principals: readonly AccountPrincipal[]): string[] => {
  const found = principals.flatMap(({ policies: { identity, boundary } }) =>
    [identity, boundary].flatMap((index) =>
      (index?.candidates('iam:passrole').allows ?? []).flatMap(({ statement, policy }) =>
        isPolicyOfAws(policy.name) || !statement.resources || statement.resources.isNot
          ? []
          : statement.resources.texts,
      ),
    ),
  );
  const isShared = (pattern: string): boolean => SHARED_PATHS.includes(pattern.split('/')[1] ?? '');
  return [...new Set(found)]
    .filter((text) => isPattern(text) && NAMED_ROLES.test(text) && !isShared(text))
    .toSorted();
});

const usedBy = (uses: readonly RoleInUse[]): string => {
  const pipelines = [...new Set(uses.flatMap((use) => ('pipeline' in use ? use.pipeline : [])))];
  const starters = [...new Set(uses.flatMap((use) => ('starter' in use ? use.starter : [])))];
  return [
    ...(pipelines.length > 0 ? [`in ${counted(pipelines.length, 'pipeline')}: ${listed(pipelines, 3)}`] : []),
    ...(starters.length > 0 ? [`for labelling jobs of ${listed(starters, 3)}`] : []),
  ].join('; ');
};
