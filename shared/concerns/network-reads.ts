import type { Config } from '../config/schema.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import type { ExceptionSubject } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { why } from '../iam/explain/why.ts';
import { type Principal, principalOf } from '../iam/policy/principal.ts';
import { networkLimitsOf, outsideNetworks } from '../iam/sets/network-limits.ts';
import { allowedForAll } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { type Concern, doubtEvidence, worstOf } from '../judging/concern.ts';
import { askersText, type NeedOutcome, outcomeOf } from '../judging/needs-verdict.ts';
import { isPartial, type Need } from '../needs/need.ts';
import { jsonGetReads } from '../needs/roster.ts';
import type { ExceptionTag } from '../policies/scp-exception.ts';

/** Whether any SCP restricts requests to networks; otherwise it does not matter what pipelines read. */
export const isLimited = ({ layers }: OrganizationFact): boolean =>
  networkLimitsOf(layers.scps).some(
    ({ statements, unreadable }) => statements.length + unreadable.length > 0,
  );

const ACTION = 's3:GetObject';

/** The configured tag or, without one, the tags that the SCP statements themselves exempt. */
const exceptionTags = ({ layers }: OrganizationFact, { scpException }: Config): ExceptionTag[] => {
  if (scpException) return [{ key: scpException.tagKey, value: scpException.tagValue }];
  return networkLimitsOf(layers.scps).flatMap(({ statements }) =>
    statements.flatMap(({ statement: { conditions } }) =>
      conditions.flatMap(({ key, keyName, texts }) =>
        keyName.startsWith('aws:principaltag/')
          ? texts.map((value) => ({ key: key.slice('aws:PrincipalTag/'.length), value }))
          : [],
      ),
    ),
  );
};

const ANYTHING = indexPolicies([FULL_AWS_ACCESS]);

const OUTSIDE = contextOf({ ...outsideNetworks(), 'aws:SecureTransport': 'true' });

/** Whether the SCPs that restrict S3 to networks let a principal read, from outside, everything that a need means. */
const readFromOutside = (
  { layers }: OrganizationFact,
  principal: Principal,
  need: Need,
  shared: SharedWork,
): NeedOutcome => {
  const policies = {
    identity: ANYTHING,
    scps: networkLimitsOf(layers.scps),
    ...(layers.managementAccount !== undefined && { managementAccount: layers.managementAccount }),
  };
  const request = { principal, action: ACTION, context: OUTSIDE };
  return outcomeOf(
    allowedForAll({ policies, request, universe: meantBy(need.resource, ACTION) }, shared),
    need,
  );
};

/** The principal with an additional tag. */
const withTag = (principal: Principal, { key, value }: ExceptionTag): Principal => ({
  ...principal,
  tags: new Map([...(principal.tags ?? []), [key.toLowerCase(), value]]),
});

/**
 * The outcome of a need if the role has the exempted tag: the configured one, or the best of those that the SCPs
 * exempt.
 */
const readWithException = (
  organization: OrganizationFact,
  role: Principal,
  need: Need,
  config: Config,
  shared: SharedWork,
): NeedOutcome => {
  const untagged = { ...role, tags: new Map() };
  const tagged = exceptionTags(organization, config).map((tag) => withTag(untagged, tag));
  const tried = config.scpException ? tagged : [untagged, ...tagged];
  const outcomes = tried.map((each) => readFromOutside(organization, each, need, shared));
  return (
    outcomes.find(({ answer }) => answer === 'met') ??
    outcomes.find(({ answer }) => answer === 'unknown') ??
    readFromOutside(organization, role, need, shared)
  );
};

/** The concerns about a read for JsonGet, which must be allowed from any network. */
const readConcerns = (outcome: NeedOutcome, need: Need, expected: string): Concern[] => {
  const { resource } = need;
  const isOpen = isPartial(need);
  switch (outcome.answer) {
    case 'met':
      return [];
    case 'unmet': {
      const { explanation, resource: denied } = outcome.example;
      const file = isOpen ? `whichever file it is (${resource})` : denied;
      return [{ is: 'shown', evidence: { ...why(explanation, ACTION, file), expected } }];
    }
    case 'unknown': {
      const { doubt } = outcome;
      const isOfSome = isOpen && doubt.kind === 'hangs' && doubt.example.decision !== 'Unknown';
      const file = isOfSome ? `some of ${resource}, and only a run tells which file it is` : resource;
      return [{ is: 'open', evidence: { ...doubtEvidence(doubt, ACTION, () => file), expected }, doubt }];
    }
  }
};

/** What speaks against reads for JsonGet, and the tag that would let them through, if one would. */
export type ReadAnswer = { concerns: readonly Concern[]; tag?: ExceptionTag };

/** A role that reads for JsonGet, and what speaks against its reads from outside every network. */
export const readsOfRole = (
  { principal, needs, organization }: ExceptionSubjectOf<'role'>,
  config: Config,
  shared: SharedWork,
): ReadAnswer & { isUpToOrganization: boolean } => {
  const who = principal.identity.principal;
  const reads = needs.map((asked) => ({
    asked,
    outcome: readFromOutside(organization, who, asked.need, shared),
  }));
  const denied = reads.filter(({ outcome }) => outcome.answer === 'unmet').map(({ asked }) => asked);
  const tag = exceptionTags(organization, config).find((each) =>
    denied.every(
      ({ need }) => readFromOutside(organization, withTag(who, each), need, shared).answer !== 'unmet',
    ),
  );
  // What no tag lets through is told once, of the organization.
  const isUpToOrganization =
    !tag &&
    denied.some(({ need }) => readWithException(organization, who, need, config, shared).answer === 'unmet');
  const by = tag ? `the tag ${tag.key}=${tag.value}` : 'its tags';
  const concerns = reads.flatMap(({ asked: { need, askers, count }, outcome }) =>
    readConcerns(outcome, need, `excepted by ${by}, for the JsonGet of ${askersText(askers, count)}`),
  );
  return { concerns, isUpToOrganization, ...(tag && { tag }) };
};

/** What speaks against the reads of all roles, if they had the tag: one concern for each role. */
export const readsOfOrganization = (
  { organization, roster: { roles }, account }: ExceptionSubjectOf<'organization'>,
  config: Config,
  shared: SharedWork,
): ReadAnswer => {
  const [tag] = exceptionTags(organization, config);
  const concerns = [...roles.values()].flatMap((uses) => {
    const { roleArn } = uses;
    const known = principalOf(roleArn) ?? { kind: 'role' as const, arn: roleArn, account };
    const { ofPrincipals } = organization;
    const untagged = {
      ...known,
      tags: new Map<string, string>(),
      ...(ofPrincipals !== undefined && { organization: ofPrincipals }),
    };
    const role = config.scpException && tag ? withTag(untagged, tag) : untagged;
    const exception = `an exception by aws:PrincipalTag${tag ? `/${tag.key}` : ''} for ${roleArn}`;
    return worstOf(
      jsonGetReads(uses).flatMap(({ need, askers, count }) =>
        readConcerns(
          readWithException(organization, role, need, config, shared),
          need,
          `${exception}, for the JsonGet of ${askersText(askers, count)}`,
        ),
      ),
    );
  });
  return { concerns, ...(tag && { tag }) };
};

/** The role or the organization of which reads for JsonGet are judged. */
type ExceptionSubjectOf<T extends ExceptionSubject['of']> = Extract<ExceptionSubject, { of: T }>;
