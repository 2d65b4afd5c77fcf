import { jobKindOfArn } from '../definition/job-kinds.ts';
import { isStepNamed, parseJobName } from '../definition/job-name.ts';
import { arnName, parseArn, parseAssumedRole } from '../domain/arn.ts';
import type { Unread } from '../domain/gap.ts';
import type { Denial } from '../events/denial.ts';
import { stepSessionOf } from '../events/job-records.ts';
import type { AccountEvidence, Identities } from '../facts/account-evidence.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Request } from '../iam/decide/request.ts';
import { type Explanation, explain } from '../iam/explain/explain.ts';
import { literalText } from '../iam/policy/literal-text.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import type { Need } from '../needs/need.ts';
import { type Asker, type RoleNeed, type Roster, withoutPath } from '../needs/roster.ts';
import { groupedPolicy, type PolicyDocument } from '../policies/least-policy.ts';
import type { Reader } from '../reader/reader.ts';

/** Why a request was denied, what asked for it, and what would allow it. */
export type DenialExplanation = {
  denied: Denial;
  /** The user or role that the policies are of; absent where it is not among those that were read. */
  principalArn?: string;
  /** The steps of pipelines that need it. */
  steps: Asker[];
  /** The execution that the name of the session or job tells; whoever assumes a role chooses its session's name. */
  executionId?: string;
  /** What the policies that were read decide now; absent where they cannot be asked. */
  explanation?: Explanation;
  /** The smallest policy that was found to allow this request and nothing else; absent where none is. */
  policy?: PolicyDocument;
  /** What is not known, and what it means, as sentences. */
  notes: string[];
};

type DenialContext = { reader: Reader; evidence: AccountEvidence };

/** Explains a denied request by the policies that a reader gives. */
export const explainDenial = async (
  denied: Denial,
  { reader, evidence }: DenialContext,
): Promise<DenialExplanation> => {
  const notes: string[] = [];
  const read = await evidence.identities();
  if (!read.ok) notes.push(`The users and roles of the account were not read (${shown(read.unread)}).`);
  const identity = read.ok ? identityOf(denied, read.value) : undefined;
  const account = accountOf(denied);
  if (account !== undefined && account !== reader.scope.account)
    notes.push(`The caller is of account ${account}, and what is read is of ${reader.scope.account}.`);
  else if (read.ok && !identity)
    notes.push(
      denied.principal === undefined
        ? 'The message does not name the caller by its ARN.'
        : `${denied.principal} is none of the users and roles that were read.`,
    );
  const roster = await evidence.roster();
  if (!roster.ok) notes.push(`The pipelines were not read (${shown(roster.unread)}).`);
  const asking = identity && roster.ok ? needsFor(denied, identity, roster.value) : [];
  const { executionId, isOfStep } = stepNamed(denied);
  const askers = asking.flatMap((need) => need.askers);
  const named = askers.filter(({ step }) => isOfStep(step));
  const about = {
    denied,
    steps: distinct(executionId === undefined ? askers : named),
    ...(executionId === undefined ? {} : { executionId }),
  };
  if (about.steps.length === 0 && identity)
    notes.push('No step of a pipeline that was read is known to need this.');
  if (!identity || denied.action === undefined || denied.resource === undefined) {
    if (denied.action === undefined) notes.push('Which action was denied is not told.');
    else if (denied.resource === undefined)
      notes.push('On which resource is not told, so that no statement and no policy can be named for sure.');
    return { ...about, ...(identity && { principalArn: identity.principal.arn }), notes };
  }
  const passedTo = new Set(asking.flatMap(({ need }) => need.context?.[PASSED_TO] ?? []));
  const service = passedTo.size === 1 ? [...passedTo][0] : undefined;
  const request: Request = {
    principal: {
      ...identity.principal,
      ...(denied.principal !== undefined &&
        parseAssumedRole(denied.principal) && { sessionArn: denied.principal }),
    },
    action: denied.action,
    resource: denied.resource,
    context: contextOf({
      'aws:RequestedRegion': parseArn(denied.resource)?.region || denied.region || reader.scope.region,
      ...(service !== undefined && { [PASSED_TO]: service }),
    }),
  };
  const layers = await layersOf(identity, denied.resource, evidence, notes);
  const explanation = explain(layers, request);
  const policy = policyFor(denied, request, explanation, layers, service, notes);
  return {
    ...about,
    principalArn: identity.principal.arn,
    explanation,
    ...(policy && { policy }),
    notes,
  };
};

const PASSED_TO = 'iam:PassedToService';

const shown = ({ call, code, message }: Unread): string => `${call}: ${code}: ${message}`;

const accountOf = ({ principal, roleArn }: Denial): string | undefined =>
  parseArn(roleArn ?? principal ?? '')?.account;

/** By the role that a record names; a session's ARN names the role without its path, which is unique all the same. */
const identityOf = (
  { principal = '', roleArn }: Denial,
  { byArn, byName }: Identities,
): Identity | undefined => {
  const session = parseAssumedRole(principal);
  const found = byArn.get(roleArn ?? principal) ?? (session && byName.get(`role ${session.roleName}`));
  const account = parseArn(principal)?.account ?? parseArn(roleArn ?? '')?.account;
  return found?.principal.account === account ? found : undefined;
};

/** What the pipelines ask of the role that covers the request; where the resource is not told, by the action. */
const needsFor = (denied: Denial, { principal }: Identity, roster: Roster): RoleNeed[] => {
  const uses = roster.roles.get(principal.arn) ?? roster.rolesWithoutPath.get(withoutPath(principal.arn));
  const { action, resource } = denied;
  if (!uses || action === undefined) return [];
  return uses.needs.filter(({ need }) =>
    [need, ...(need.or ?? [])].some(
      (one) =>
        one.action.toLowerCase() === action.toLowerCase() &&
        (resource === undefined ||
          covers(one, { principal, action, resource, context: contextOf(one.context) })),
    ),
  );
};

const covers = (need: Pick<Need, 'action' | 'resource' | 'context'>, request: Request): boolean =>
  decide({ identity: indexOf(groupedPolicy([need])) }, request) === 'Allow';

const indexOf = (document: PolicyDocument): PolicyIndex =>
  indexPolicies([readPolicy(document, { name: 'needed', kind: 'identity' })]);

/** The execution and step that the name of the session tells, or the name of the job that was to be made. */
const stepNamed = ({
  principal = '',
  resource = '',
}: Denial): { executionId?: string; isOfStep: (step: string) => boolean } => {
  const session = stepSessionOf(parseAssumedRole(principal)?.sessionName ?? '');
  const kind = jobKindOfArn(resource);
  const job = kind === undefined ? undefined : parseJobName(arnName(resource), kind);
  const told = session ?? job;
  if (!told) return { isOfStep: () => true };
  const start = session?.stepNameStart ?? job?.stepNameStart;
  return {
    executionId: told.executionId,
    isOfStep: (step) => start === undefined || isStepNamed(step, start, kind ?? 'training-job'),
  };
};

const distinct = (askers: readonly Asker[]): Asker[] => [
  ...new Map(askers.map((asker) => [`${asker.pipeline.arn} ${asker.pointer}`, asker])).values(),
];

const BUCKET = /^arn:[^:]{1,32}:s3:::([^/]{1,255})/;
const KEY = /^arn:[^:]{1,32}:kms:[^:]{1,64}:\d{12}:key\/[^*?]{1,64}$/;

/** All policies that bear on the request and can be read; what cannot is noted. */
const layersOf = async (
  { policies, principal: { account } }: Identity,
  resource: string,
  evidence: AccountEvidence,
  notes: string[],
): Promise<Policies> => {
  const organization = await evidence.organization();
  if (!organization.ok)
    notes.push(
      `The policies of the organization were not read (${shown(organization.unread)}): they may deny it as well.`,
    );
  const [, bucket] = BUCKET.exec(resource) ?? [];
  const ofResource =
    bucket !== undefined
      ? await evidence.bucketPolicy(bucket)
      : KEY.test(resource)
        ? await evidence.keyPolicy(resource)
        : undefined;
  if (ofResource && !ofResource.ok)
    notes.push(
      `The policy of the resource was not read (${shown(ofResource.unread)}): it may deny it as well.`,
    );
  const owner = parseArn(resource)?.account;
  if (owner !== undefined && /^\d{12}$/.test(owner) && owner !== account)
    notes.push(`The resource is of account ${owner}, whose own policies must allow it too.`);
  return {
    ...policies,
    ...(organization.ok && organization.value.layers),
    ...(ofResource?.ok && ofResource.value && { resource: ofResource.value }),
  };
};

/** A policy for this request alone, where with it beside the others the engine allows the request. */
const policyFor = (
  denied: Denial,
  { principal, action, resource, context }: Request,
  { decision }: Explanation,
  layers: Policies,
  service: string | undefined,
  notes: string[],
): PolicyDocument | undefined => {
  if (decision === 'Allow') {
    notes.push(
      'The policies that were read allow it now: they were changed since, or a policy that was not read (of the session, of the network) stood against it.',
    );
    return undefined;
  }
  if (decision === 'ExplicitDeny' || denied.said === 'explicit deny') {
    notes.push(
      'A Deny stands against it, which no permission lifts: whether it is meant is for whoever wrote it to say.',
    );
    return undefined;
  }
  if (denied.layer !== undefined && denied.layer !== 'identity') {
    notes.push(
      `AWS names another kind of policy (${denied.layer}) as what does not allow it, so that no policy of the caller is proposed.`,
    );
    return undefined;
  }
  if (action.toLowerCase() === 'iam:passrole' && service === undefined) {
    notes.push(
      'To which service the role was passed is not told: without iam:PassedToService a policy would allow more than was asked.',
    );
    return undefined;
  }
  const need: Need = {
    action,
    resource: resource === '*' ? '*' : literalText(resource),
    ...(service !== undefined && { context: { [PASSED_TO]: service } }),
  };
  const document = groupedPolicy([need]);
  const added = readPolicy(document, { name: 'proposed', kind: 'identity' });
  const identity = indexPolicies([...(layers.identity?.policies ?? []), added]);
  if (decide({ ...layers, identity }, { principal, action, resource, context }) !== 'Allow') {
    notes.push(
      'No policy is proposed: with one for this request alone it would still not be allowed for sure.',
    );
    return undefined;
  }
  return document;
};
