import type { TriedRemediation } from '../domain/finding.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { remedyBy } from '../judging/role-change.ts';
import { advised } from '../judging/verdicts.ts';
import { type ExceptionTag, exceptedScp } from '../policies/scp-exception.ts';
import { listed } from '../text/listed.ts';

/**
 * Advice to give a role the tag that an SCP excepts or, if no one tag is enough, an exception of its own. Whom the configuration
 * lets set the tag is told, because an SCP may deny it to everybody else.
 */
export const exceptionOfRole = (
  principal: Pick<PrincipalFact, 'identity'>,
  tag: ExceptionTag | undefined,
  taggers: readonly string[] = [],
): TriedRemediation => {
  const { arn } = principal.identity.principal;
  const by = taggers.length > 0 ? ` Who may set the tag is to run it (${listed(taggers, 3)}).` : '';
  return tag
    ? remedyBy(
        principal,
        { type: 'tag', ...tag },
        `Put the tag ${tag.key}=${tag.value} onto ${arn}, so that the SCP excepts it.${by}`,
      )
    : {
        text: `Write an exception for ${arn} into the SCP (pipewarden generate scp-exception), or try what it hangs on with pipewarden simulate and --scp.`,
      };
};

/** Advice to write the exception for the tag into the SCP of that name, with its new content where it is the only one. */
export const exceptionInScp = (
  scp: string,
  { policies: { scps } }: OrganizationFact,
  tag: ExceptionTag | undefined,
): TriedRemediation => {
  const whom = tag ? `${tag.key}=${tag.value}` : 'a tag of the execution roles';
  const rest = 'and put the tag onto the roles; set scpException in pipewarden.yaml.';
  if (isOfControlTower(scp))
    return {
      text: `Control Tower owns the SCP ${scp}, and repairs what others change in it: give its control an exception for ${whom} there, ${rest}`,
    };
  return advised(
    `Write the exception for ${whom} into the SCP ${scp}, ${rest}`,
    tag && exceptedScp(scps, tag),
  );
};

/** Control Tower gives its SCPs such names. https://docs.aws.amazon.com/controltower/latest/userguide/getting-started-guidance.html */
const isOfControlTower = (scp: string): boolean => scp.startsWith('aws-guardrails-');
