import type { IsolationFact } from '../facts/facts.ts';
import type { AnyAnswer, UnnamedAnswer } from '../iam/sets/answers.ts';
import { nearPatterns } from '../iam/sets/near-patterns.ts';
import { withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { allowedBeyond, allowedUnnamed, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, isShown, type OpenConcern } from '../judging/concern.ts';
import { policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';
import type { RoleUses } from '../needs/roster.ts';

/** The actions that change an object. */
export const CHANGING = ['s3:PutObject', 's3:DeleteObject'];

type RoleOfSteps = Extract<IsolationFact, { of: 'role' }>;

/** The places of unrelated steps that nobody can list, and why. */
export const unlistedPlaces = (uses: RoleUses): OpenConcern[] =>
  uses.open.filter(({ kind }) => kind === 'isolation').map(({ reason }) => openFor(reason));

/** So much evidence is kept; more helps nobody. */
const MAX_SHOWN = 20;

/** What a role may change of unrelated steps, and the folders that it can write. */
type Reach = { concerns: readonly Concern[]; folders: ReadonlySet<string> };

/** What a role of steps may change that steps which are not related to its own use. */
export const reachIntoPlaces = (
  { principal, uses, resourcePolicies }: RoleOfSteps,
  own: readonly string[],
  shared: SharedWork,
): Reach => {
  const { partition } = principal.scope;
  const policiesFor = policiesWithResources(withoutNetworkLimits(principal.policies), resourcePolicies);
  const nearOwn = nearPatterns(own);
  const context = serviceContext(principal);
  const decided = new Set<string>();
  const shown: Concern[] = [];
  const open: Concern[] = [];
  const folders = new Set<string>();
  for (const { pipeline, step, places } of uses.foreign)
    for (const { bucket, key, owner, pointer } of places) {
      const resource = `arn:${partition}:s3:::${bucket}/${key}`;
      if (decided.has(resource)) continue;
      decided.add(resource);
      if (!shared.work.spend(1)) return { concerns: [...shown, ...open, openFor(TOO_MANY)], folders };
      const within = nearOwn(resource);
      const expected = `denied: step ${owner} (${pointer}) of pipeline ${pipeline.name} uses it, and step ${step} is not related to it`;
      for (const action of CHANGING) {
        const request = { principal: principal.identity.principal, action, context };
        const policies = policiesFor({ action, resource });
        const answer = reachInto(
          key,
          { policies, request, universe: meantBy(resource, action), within },
          shared,
        );
        const concerns = concernsOf(answer, action, (example) => example?.resource ?? resource, expected);
        if (open.length === 0) open.push(...concerns.filter((concern) => !isShown(concern)));
        if (!concerns.some(isShown)) continue;
        folders.add(`arn:${partition}:s3:::${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}*`);
        if (shown.length < MAX_SHOWN) shown.push(...concerns);
        break;
      }
    }
  return { concerns: [...shown, ...open], folders };
};

const TOO_MANY = 'the places of other steps, under so many patterns of policies, are too many to compare';

const openFor = (reason: string): OpenConcern => ({
  is: 'open',
  evidence: { at: 'definition', found: reason, expected: 'the places of all other steps' },
  doubt: { kind: 'too-complex', at: 'definition', reason },
});

/**
 * Whether the role may change an object in a place of another step beside its own outputs. Of a place that only a run
 * tells, and of a bucket as a whole, in which jobs make a folder each, it must be one that no statement names: somebody
 * else's folder is not theirs.
 */
const reachInto = (key: string, question: Question, shared: SharedWork): AnyAnswer | UnnamedAnswer =>
  isOpen(key) ? allowedUnnamed(question, shared) : allowedBeyond(question, shared);

/** Whether a star stands for more than the objects in a folder. */
const isOpen = (key: string): boolean => {
  const pattern = key.replaceAll(/\$\{[*?$]\}/g, '');
  return pattern === '*' || /\*(?!$)/.test(pattern) || /[^/]\*$/.test(pattern);
};
