import type { Config } from '../config/schema.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import { contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { why } from '../iam/explain/why.ts';
import type { Principal } from '../iam/policy/principal.ts';
import { networkLimitsOf, outsideNetworks } from '../iam/sets/network-limits.ts';
import { allowedForAll } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { type Concern, doubtEvidence } from '../judging/concern.ts';
import { type NeedOutcome, outcomeOf } from '../judging/needs-verdict.ts';
import type { Need } from '../needs/need.ts';
import type { ExceptionTag } from '../policies/scp-exception.ts';

/** Whether any SCP keeps requests to networks; where none does, it makes no difference what pipelines read. */
export const isLimited = ({ layers }: OrganizationFact): boolean =>
  networkLimitsOf(layers.scps).some(
    ({ statements, unreadable }) => statements.length + unreadable.length > 0,
  );

const ACTION = 's3:GetObject';

/** The tag of the configuration; without one, the tags that the statements themselves except. */
export const exceptionTags = ({ layers }: OrganizationFact, { scpException }: Config): ExceptionTag[] => {
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

/** Whether the SCPs that keep S3 to networks let a principal read from outside all that a need means. */
export const readFromOutside = (
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

/** The principal with a tag more. */
export const withTag = (principal: Principal, { key, value }: ExceptionTag): Principal => ({
  ...principal,
  tags: new Map([...(principal.tags ?? []), [key.toLowerCase(), value]]),
});

/**
 * What becomes of a need with the tag that lets a role through: the configured one, or the best of those that the SCPs
 * except.
 */
export const readWithException = (
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

/** What speaks against it: what a role reads for JsonGet must be let through, from wherever. */
export const readConcerns = (outcome: NeedOutcome, { resource }: Need, expected: string): Concern[] => {
  switch (outcome.answer) {
    case 'met':
      return [];
    case 'unmet': {
      const { explanation, resource: denied } = outcome.example;
      return [{ is: 'shown', evidence: { ...why(explanation, ACTION, denied), expected } }];
    }
    case 'unknown': {
      const { doubt } = outcome;
      return [{ is: 'open', evidence: { ...doubtEvidence(doubt, ACTION, () => resource), expected }, doubt }];
    }
  }
};
