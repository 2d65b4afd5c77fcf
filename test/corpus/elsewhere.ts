import { parseDefinition } from '../../shared/definition/parse.ts';
import { type Identity, identitiesOf } from '../../shared/iam/decide/authorization-details.ts';
import { contextOf } from '../../shared/iam/decide/context.ts';
import { indexPolicies } from '../../shared/iam/decide/policy-index.ts';
import { allowedForAll } from '../../shared/iam/sets/questions.ts';
import { sharedWork } from '../../shared/iam/sets/shared-work.ts';
import { meantBy, onlyOne } from '../../shared/iam/sets/universe.ts';
import { creatorNeeds } from '../../shared/needs/creator-needs.ts';
import type { Need } from '../../shared/needs/need.ts';
import { pipelineUse } from '../../shared/needs/pipeline-use.ts';
import { rosterBuilder } from '../../shared/needs/roster.ts';
import { SAGEMAKER } from '../../shared/policies/passing-policy.ts';
import { VERSION_KEY } from '../../shared/policies/version-policy.ts';
import { type Account, authorizationDetails, type Document, type Principal } from './account.ts';

/** The Region to which the pipelines are copied. */
const ELSEWHERE = 'us-east-1';

/**
 * The account whose pipelines run in another Region as well, under the same roles: what the policies allow, they allow
 * there too, for buckets of that Region.
 */
export const inTwoRegions = (account: Account): Account => ({
  ...structuredClone(account),
  principals: account.principals.map((principal) => ({
    ...structuredClone(principal),
    policies: { ...structuredClone(principal.policies), ...movedPolicies(principal, account) },
  })),
});

const movedPolicies = ({ policies }: Principal, account: Account): Record<string, Document> =>
  Object.fromEntries(
    Object.entries(policies).map(([name, document]) => {
      const Statement = [document.Statement].flat().filter(({ Effect }) => Effect === 'Allow');
      return [`${name}-${ELSEWHERE}`, moved({ ...document, Statement }, account)];
    }),
  );

/** The value with the other Region in place of the account's, and with that Region's buckets. */
const moved = <T>(value: T, { region, buckets }: Account): T =>
  JSON.parse(
    Object.keys(buckets).reduce(
      (text, bucket) =>
        text.replaceAll(new RegExp(`(?<=s3://|s3:::)${bucket}(?=[/"])`, 'g'), `${bucket}-there`),
      JSON.stringify(value).replaceAll(region, ELSEWHERE),
    ),
  ) as T;

/** What the copies of the pipelines, and those who create and start them, may do before a remedy and no longer after it. */
export const lostElsewhere = (before: Account, after: Account): string[] => {
  const changed = before.principals.filter(({ arn }) => {
    const [one, other] = [before, after].map(({ principals }) =>
      JSON.stringify(principals.find((each) => each.arn === arn)),
    );
    return one !== other;
  });
  if (changed.length === 0) return [];
  const needs = needsElsewhere(before);
  const [was, is] = [inTwoRegions(before), after].map((account) => identitiesByArn(account)) as [
    Map<string, Identity>,
    Map<string, Identity>,
  ];
  return changed.flatMap(({ arn }) => {
    const [one, other] = [was.get(arn), is.get(arn)];
    if (!one || !other) return [];
    const lost = needs
      .filter(({ whose }) => whose === undefined || whose === arn)
      .filter(({ making }) => !making || making.some((need) => isAllowed(one, need)))
      .filter(({ need }) => isAllowed(one, need) && !isAllowed(other, need))
      .map(({ need: { action, resource } }) => `${arn} loses ${action} on ${resource}`);
    const isCutOff = before.pipelines.some(
      ({ name }) => isAssumed(one, name, before) && !isAssumed(other, name, before),
    );
    return [...lost, ...(isCutOff ? [`${SAGEMAKER} can no longer assume ${arn} there`] : [])];
  });
};

const identitiesByArn = ({ principals, managed }: Account): Map<string, Identity> =>
  new Map(
    identitiesOf(authorizationDetails(principals, managed)).identities.map((identity) => [
      identity.principal.arn,
      identity,
    ]),
  );

/**
 * What the copies need, of roles and (without `whose`) of anybody who creates and starts them. A role is passed by those who
 * may do what `making` says with its pipeline; to others the passing is of no use.
 */
const needsElsewhere = (account: Account): { whose?: string; need: Need; making?: Need[] }[] => {
  const scope = { account: account.account, region: ELSEWHERE, partition: 'aws' };
  const { add, roster } = rosterBuilder();
  const ofCreators = account.pipelines.flatMap(({ name, roleArn, definition }) => {
    const parsed = parseDefinition(JSON.stringify(moved(definition, account)));
    if (!parsed.ok) return [];
    const arn = pipelineThere(name, account);
    add(pipelineUse({ name, arn, roleArn }, parsed.definition, scope, account.config));
    // The copies are in their first versions.
    const { needs } = creatorNeeds({ arn, roleArn }, scope);
    const making = needs.filter(({ action }) => /:(?:Create|Update)Pipeline$/.test(action));
    return needs.map((need) => {
      if (need.action === 'iam:PassRole') return { need, making };
      const isStart = need.action.endsWith(':StartPipelineExecution');
      return { need: isStart ? { ...need, context: { [VERSION_KEY]: '1' } } : need };
    });
  });
  return [
    ...ofCreators,
    ...[...roster.roles.values()].flatMap(({ roleArn, needs }) =>
      needs.map(({ need }) => ({ whose: roleArn, need })),
    ),
  ];
};

const pipelineThere = (name: string, { account }: Account): string =>
  `arn:aws:sagemaker:${ELSEWHERE}:${account}:pipeline/${name}`;

const isAllowed = ({ principal, policies }: Identity, { action, resource, context, nameStars }: Need) =>
  allowedForAll(
    {
      policies,
      request: {
        principal,
        action,
        context: contextOf({
          'aws:SecureTransport': 'true',
          'aws:RequestedRegion': ELSEWHERE,
          ...context,
        }),
      },
      universe: meantBy(resource, action, nameStars),
    },
    sharedWork(),
  ).answer === 'all';

const isAssumed = ({ principal, trust }: Identity, name: string, account: Account): boolean =>
  trust !== undefined &&
  allowedForAll(
    {
      policies: { resource: indexPolicies([trust]) },
      request: {
        principal: { kind: 'service', arn: SAGEMAKER },
        action: 'sts:AssumeRole',
        context: contextOf({
          'aws:SourceArn': pipelineThere(name, account),
          'aws:SourceAccount': account.account,
        }),
      },
      universe: onlyOne(principal.arn),
    },
    sharedWork(),
  ).answer === 'all';
