import { isPipelineRole } from '../authorised/roles.ts';
import { wayToAdministrator } from '../concerns/becoming-administrator.ts';
import { changersOf, type RoleChanger } from '../concerns/changing-role.ts';
import { BY_ITSELF } from '../concerns/iam-calls.ts';
import { PASS_ROLE } from '../concerns/pass-question.ts';
import { tagKeysAsked } from '../concerns/tag-keys.ts';
import { isSure } from '../concerns/way.ts';
import { creatorPatterns } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import { isOfIam } from '../domain/arn.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { exampleOf } from '../iam/sets/questions.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { roleEntries } from '../judging/satisfying-entries.ts';
import { changingStatements } from '../judging/satisfying-statements.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { noUses } from '../needs/roster.ts';
import { administratorGuardrail, changesGuardrail } from '../policies/administrator-policy.ts';
import { PASSED_TO_SERVICE, SAGEMAKER } from '../policies/passing-policy.ts';
import { listed } from '../text/listed.ts';

export const control = defineControl({
  id: 'execution-role-protected',
  system: 'Execution roles',
  title: 'Nobody but administrators may change execution and step roles',
  severity: 'HIGH',
  on: ['role'],
  requires: ['principal', 'uses', 'roster', 'principals', 'directory', 'resourcePolicies'],
  satisfiedBy: ({ principals }, config) => [
    ...roleEntries(config, 'administrators').slice(0, 2),
    ...(principals ? changingStatements(principals)(config.roles?.administrators ?? NOBODY) : []),
  ],
  evaluate: ({ principal, uses, roster, principals, directory, resourcePolicies }, config, shared) => {
    const { arn } = principal.identity.principal;
    if (!isPipelineRole(arn, uses, config))
      return doesNotApply('no pipeline uses the role, and the configuration does not name it');
    const { roles = {}, scpException } = config;
    const isOfPipelines = (of: string): boolean =>
      isPipelineRole(of, roster.roles.get(of) ?? noUses(of), config) ||
      matchesAny(creatorPatterns(config), of);
    const tagKeys = tagKeysAsked(principal.policies).filter(
      (key) => key !== scpException?.tagKey.toLowerCase(), // scp-exception-protected tells of this one
    );
    const around = { uses, resourcePolicies, tagKeys };
    const changers = changersOf(principal, principals, around, shared).filter(({ principal: by }) => {
      const { arn: who, kind } = by.identity.principal;
      if (matchesAny(roles.administrators ?? [], who)) return false;
      // execution-role-administrator tells of these.
      const way =
        kind === 'role' && isOfPipelines(who)
          ? wayToAdministrator(by, { principals, directory }, shared)
          : undefined;
      return way === undefined || !isSure(way);
    });
    const [first, ...more] = changers.filter(({ calls }) => calls.some((call) => call.isSure));
    if (first) return [changeable(principal, [first, ...more], config, isOfPipelines)];
    const [perhaps, ...others] = changers;
    return [perhaps ? perhapsChangeable([perhaps, ...others], isOfPipelines) : { status: 'PASSED' }];
  },
});

type Changers = readonly [RoleChanger, ...RoleChanger[]];

/** A person reads only the first few. */
const MOST = 20;

const evidenceOf = (changers: Changers): [Evidence, ...Evidence[]] => {
  const [first, ...others] = changers
    .slice(0, MOST)
    .map(({ principal, calls: [call, ...more] }): Evidence => {
      const also = listed(more.map(({ action }) => action));
      return {
        at: call.evidence.at,
        found: `${principal.identity.principal.arn}: ${call.evidence.found}${also && `; also ${also}`}`,
        expected: 'allowed to administrators alone, and to roles.administrators',
      };
    }) as [Evidence, ...Evidence[]];
  const rest = changers.length - MOST;
  return rest > 0
    ? [first, ...others, { ...first, at: 'further principals', found: `${rest} more may change it` }]
    : [first, ...others];
};

/** The calls by which a role gets more permissions. */
const GIVING: ReadonlySet<string> = new Set([
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:CreatePolicyVersion',
  'iam:SetDefaultPolicyVersion',
]);

/**
 * Whether a changer is a person who may give the role any permission and then pass it to SageMaker, whose jobs run what the
 * person wants. A role that deploys may do both by design, and so nothing is said of it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
const givesAndPasses = ({ principal: by, calls }: RoleChanger, roleArn: string): boolean => {
  const { principal } = by.identity;
  const isPerson =
    principal.kind === 'user' || isOfIam(principal.arn, 'role/aws-reserved/sso.amazonaws.com/');
  if (!isPerson || !calls.some(({ action, isSure }) => isSure && GIVING.has(action))) return false;
  const context = contextOf({ [PASSED_TO_SERVICE]: SAGEMAKER, ...BY_ITSELF.keys });
  return (
    exampleOf(by.policies, { principal, action: PASS_ROLE, resource: roleArn, context }).decision === 'Allow'
  );
};

/**
 * People and jobs of pipelines that change their own roles are a breach. Others, as roles that deploy, may be meant to,
 * and without a list nobody knows.
 */
const changeable = (
  role: PrincipalFact,
  changers: Changers,
  { roles }: Config,
  isOfPipelines: (arn: string) => boolean,
): Verdict => {
  const { arn } = role.identity.principal;
  const names = changers.map(({ principal }) => principal.identity.principal.arn);
  const text = `Take the calls on ${arn} from ${listed(names)}, or name who is meant to change the role in roles.administrators.`;
  const remediation =
    names.length === 1 && names[0] === arn
      ? remedyBy(
          role,
          putPolicy(
            'execution-role-protected',
            isAboutBuckets(changers) ? changesGuardrail() : administratorGuardrail([]),
          ),
          text,
        )
      : { text };
  const isBreach =
    roles?.administrators !== undefined ||
    names.some(isOfPipelines) ||
    changers.some((changer) => givesAndPasses(changer, arn));
  const evidence = evidenceOf(changers);
  return isBreach
    ? { status: 'FAILED', evidence, remediation }
    : { status: 'WARNING', severity: 'LOW', evidence, remediation };
};

const isAboutBuckets = (changers: Changers): boolean =>
  changers.some(({ calls }) => calls.some(({ action }) => action.startsWith('s3:')));

const perhapsChangeable = (changers: Changers, isOfPipelines: (arn: string) => boolean): Verdict => ({
  status: 'NOT_AVAILABLE',
  severity: changers.some(({ principal: by }) => isOfPipelines(by.identity.principal.arn)) ? 'MEDIUM' : 'LOW',
  evidence: evidenceOf(changers),
  remediation: {
    text: 'Try the calls with pipewarden simulate and --context.',
  },
});

const NOBODY: readonly string[] = [];
