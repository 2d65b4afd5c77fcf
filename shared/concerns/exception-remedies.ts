import { creatorPatterns } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import type { TriedRemediation } from '../domain/finding.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { remedyBy } from '../judging/role-change.ts';
import { advised } from '../judging/verdicts.ts';
import { type ExceptionTag, exceptedScp } from '../policies/scp-exception.ts';
import { listed } from '../text/listed.ts';

/**
 * Advice to give a role the tag that an SCP excepts or, if no one tag is enough, an exception of its own. Whom the configuration
 * lets set the tag is told, because an SCP may deny it to everybody else. The tag lifts the SCP for whoever works under the role:
 * where others than pipelines do, a role for pipelines alone is advised, and no command is given if the trust policy shows them.
 */
export const exceptionOfRole = (
  principal: PrincipalFact,
  tag: ExceptionTag | undefined,
  config: Config,
): TriedRemediation => {
  const { arn } = principal.identity.principal;
  const taggers = config.scpException?.taggers ?? [];
  const by = taggers.length > 0 ? ` Who may set the tag is to run it (${listed(taggers, 3)}).` : '';
  if (!tag)
    return {
      text: `Write an exception for ${arn} into the SCP (pipewarden generate scp-exception), or try what it hangs on with pipewarden simulate and --scp.`,
    };
  const put = `Put the tag ${tag.key}=${tag.value} onto`;
  const trusted = assumedBy(principal);
  const isCreator = matchesAny(creatorPatterns(config), arn);
  if (trusted.length === 0 && !isCreator)
    return remedyBy(principal, { type: 'tag', ...tag }, `${put} ${arn}, so that the SCP excepts it.${by}`);
  const who =
    trusted.length > 0
      ? `Its trust policy lets ${listed(trusted, 3)} work under ${arn} as well`
      : `The configuration names ${arn} in roles.creators, so that people work under it as well`;
  const own = `${who}, and the tag would lift the SCP for all that they do. Give the pipelines an execution role of their own, under which nobody else works, and put the tag ${tag.key}=${tag.value} onto that one.`;
  return trusted.length > 0
    ? { text: `${own} No command is given, as it would lift the SCP for them.` }
    : remedyBy(
        principal,
        { type: 'tag', ...tag },
        `${own} The command tags ${arn} itself: run it only if the SCP is not meant for these people.${by}`,
        own,
      );
};

/** Whom else than services the trust policy of a role lets in. */
const assumedBy = ({ identity: { trust } }: PrincipalFact): string[] => [
  ...new Set(
    (trust?.statements ?? []).flatMap(({ effect, principals }) => {
      if (effect !== 'Allow' || !principals) return [];
      if (principals.isNot) return ['everybody but some'];
      return principals.principals.flatMap(({ type, value }) => (type === 'Service' ? [] : value));
    }),
  ),
];

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
