import type { AccountPrincipal, PrincipalFact } from '../facts/facts.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { type Concern, isShown } from '../judging/concern.ts';
import { isOfProjects, OF_PROJECTS_ADVICE } from './made-by-aws.ts';
import { passingBeyond, rolesNamedToPass } from './passing.ts';

/** How grave a breach is that is no breach of the usual gravity, with advice in place of a command. */
type Lesser = { severity: 'LOW' | 'MEDIUM'; remediation: { text: string } };

/**
 * Whether it is less grave that a principal passes roles beyond those that are authorised: AWS made it so, or its
 * statements name all these roles one by one. Whoever named a role meant it, so that no command takes it away.
 */
export const lesserPassing = (
  principal: PrincipalFact,
  roles: readonly AccountPrincipal[],
  {
    listed,
    services,
    beyond,
  }: { listed: readonly string[]; services: readonly string[]; beyond: readonly Concern[] },
  shared: SharedWork,
): Lesser | undefined => {
  if (isOfProjects(principal)) return { severity: 'LOW', remediation: { text: OF_PROJECTS_ADVICE } };
  if (listed.length === 0 || !beyond.some(isShown)) return undefined;
  const isAllOf = (named: readonly string[]): boolean =>
    named.length > 0 && passingBeyond([...listed, ...named], services, principal, roles, shared).length === 0;
  const named = rolesNamedToPass(principal);
  const existing = new Set(roles.map(({ identity }) => identity.principal.arn));
  if (isAllOf(named.filter((arn) => !existing.has(arn)))) return { severity: 'LOW', remediation: ABSENT };
  return isAllOf(named) ? { severity: 'MEDIUM', remediation: BY_NAME } : undefined;
};

const BY_NAME = {
  text: 'Add the role to roles.steps in pipewarden.yaml if it is meant for jobs, or take it out of the statement. The statement names it, so no command is given.',
};
const ABSENT = {
  text: 'No role of the account has this name, so nobody can pass it yet. Take it out of the statement, or correct the name.',
};
