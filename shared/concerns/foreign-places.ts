import { parseArn } from '../domain/arn.ts';
import type { IsolationFact } from '../facts/facts.ts';
import type { AnyAnswer, UnnamedAnswer } from '../iam/sets/answers.ts';
import { nearPatterns } from '../iam/sets/near-patterns.ts';
import { withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { allowedBeyond, allowedUnnamed, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, isShown, type OpenConcern } from '../judging/concern.ts';
import { policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';
import { oncePer } from '../memo.ts';
import { isBucketOfAws } from '../needs/aws-buckets.ts';
import type { RoleUses } from '../needs/roster.ts';
import { CHANGING } from '../policies/isolation-policy.ts';

type RoleOfSteps = Extract<IsolationFact, { of: 'role' }>;

/** The open concerns about places of unrelated steps that cannot be listed, with the reasons. */
export const unlistedPlaces = (uses: RoleUses): OpenConcern[] =>
  uses.open.filter(({ kind }) => kind === 'isolation').map(({ reason }) => openFor(reason));

/** More evidence than this would help nobody. */
const MAX_SHOWN = 20;

/**
 * What a role may change, or perhaps may, in places of unrelated steps, the folders of these places, and the statements of
 * buckets’ policies that let the role in without a statement of its own.
 */
type Reach = {
  concerns: readonly Concern[];
  folders: ReadonlySet<string>;
  byBuckets: ReadonlySet<string>;
};

/** What a step's role may change in places that only unrelated steps use. */
export const reachIntoPlaces = (
  { principal, uses, resourcePolicies }: RoleOfSteps,
  own: readonly string[],
  shared: SharedWork,
): Reach => {
  const { partition } = principal.scope;
  const policiesFor = policiesWithResources(withoutNetworkLimits(principal.policies), resourcePolicies);
  const nearOwn = nearPatterns(own);
  const requestsIn = oncePer((region: string) => {
    const context = serviceContext(region);
    return CHANGING.map((action) => ({ principal: principal.identity.principal, action, context }));
  });
  const decided = new Set<string>();
  const shown: Concern[] = [];
  const open: Concern[] = [];
  const folders = new Set<string>();
  const byBuckets = new Set<string>();
  for (const { pipeline, step, places } of uses.foreign)
    for (const { bucket, key, owner, pointer } of places) {
      const resource = `arn:${partition}:s3:::${bucket}/${key}`;
      const region = parseArn(pipeline.arn)?.region ?? '';
      const asked = `${region} ${resource}`;
      if (decided.has(asked) || isBucketOfAws(bucket)) continue;
      decided.add(asked);
      if (!shared.work.spend(1))
        return { concerns: [...shown, ...open, openFor(TOO_MANY)], folders, byBuckets };
      const within = nearOwn(resource);
      const expected = `denied: step ${owner} (${pointer}) of pipeline ${pipeline.name} uses it, and step ${step} is not related to it`;
      const policies = policiesFor({ resource });
      for (const request of requestsIn(region)) {
        const { action } = request;
        const universe = meantBy(resource, action);
        const answer = reachInto(key, { policies, request, universe, within }, shared);
        const concerns = concernsOf(answer, action, (example) => example?.resource ?? resource, expected);
        if (open.length === 0) open.push(...concerns.filter((concern) => !isShown(concern)));
        if (concerns.length > 0)
          folders.add(`arn:${partition}:s3:::${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}*`);
        if (!concerns.some(isShown)) continue;
        const by = bucketStatement(answer);
        if (by !== undefined) byBuckets.add(by);
        if (shown.length < MAX_SHOWN) shown.push(...concerns);
        break;
      }
    }
  return { concerns: [...shown, ...open], folders, byBuckets };
};

/** The statement of a bucket’s policy by which alone something is allowed. */
const bucketStatement = (found: AnyAnswer | UnnamedAnswer): string | undefined => {
  if (found.answer !== 'some' && found.answer !== 'yes') return undefined;
  const { decidedBy } = found.example.explanation;
  const by = decidedBy.find(({ layer }) => layer === 'resource');
  return by && decidedBy.every(({ layer }) => layer !== 'identity')
    ? `statement ${by.statement} of the ${by.policy}`
    : undefined;
};

const TOO_MANY = 'the places of other steps, under so many patterns of policies, are too many to compare';

const openFor = (reason: string): OpenConcern => ({
  is: 'open',
  evidence: { at: 'definition', found: reason, expected: 'the places of all other steps' },
  doubt: { kind: 'too-complex', at: 'definition', reason },
});

/**
 * Whether the role may change an object in a place of another step, outside its own outputs. For places that only a
 * run tells, and for whole buckets (in which each job makes a folder), the object must be one that no statement
 * names, because a named folder belongs to a step.
 */
const reachInto = (key: string, question: Question, shared: SharedWork): AnyAnswer | UnnamedAnswer =>
  isOpen(key) ? allowedUnnamed(question, shared) : allowedBeyond(question, shared);

/** Whether a star means more than the objects of one folder. */
const isOpen = (key: string): boolean => {
  const pattern = key.replaceAll(/\$\{[*?$]\}/g, '');
  return pattern === '*' || /\*(?!$)/.test(pattern) || /[^/]\*$/.test(pattern);
};
