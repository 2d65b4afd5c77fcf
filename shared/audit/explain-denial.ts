import { isInGroup, jobNameAnswer } from '../authorised/job-name.ts';
import { wayByRunning, wayToAdministrator } from '../concerns/becoming-administrator.ts';
import { isSure, type Way } from '../concerns/way.ts';
import type { Config } from '../config/schema.ts';
import { jobKindOfArn } from '../definition/job-kinds.ts';
import { isStepNamed, parseJobName } from '../definition/job-name.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import { arnName, parseArn, parseAssumedRole, sagemakerArn } from '../domain/arn.ts';
import type { Evidence } from '../domain/finding.ts';
import { unreadText } from '../domain/gap.ts';
import type { RoleChange } from '../domain/role-change.ts';
import type { Denial } from '../events/denial.ts';
import { stepSessionOf } from '../events/job-records.ts';
import type { AccountEvidence, Identities } from '../facts/account-evidence.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { gather } from '../facts/gather.ts';
import type { GatherContext, SomeFacts } from '../facts/gathered.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { assume, contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Request } from '../iam/decide/request.ts';
import { type Explanation, explain } from '../iam/explain/explain.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { literalText } from '../iam/policy/literal-text.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { evaluate, worsenedBy } from '../judging/evaluate.ts';
import { factsAfter } from '../judging/proven-remedies.ts';
import { changedPrincipal, ownedElsewhere, putPolicy } from '../judging/role-change.ts';
import type { Need } from '../needs/need.ts';
import { type Asker, type RoleNeed, type Roster, withoutPath } from '../needs/roster.ts';
import { givesPermissions } from '../policies/administrator-policy.ts';
import { groupedPolicy, type PolicyDocument } from '../policies/least-policy.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import { VERSION_ACTIONS, VERSION_KEY } from '../policies/version-policy.ts';
import { found } from '../reader/read-result.ts';
import { bucketRequest, principalRequest } from '../requests/resource-requests.ts';
import { listed } from '../text/listed.ts';
import type { AuditContext } from './audit-resource.ts';
import { narrowedTo } from './step-requests.ts';

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

/** What the explanation reads, and the controls against which it tries a policy. */
type DenialContext = Pick<AuditContext, 'reader' | 'evidence' | 'config' | 'controls' | 'now'>;

/** Explains a denied request by the policies that a reader gives. */
export const explainDenial = async (denied: Denial, context: DenialContext): Promise<DenialExplanation> => {
  const { reader, evidence } = context;
  const notes: string[] = [];
  const read = await evidence.identities();
  if (!read.ok) notes.push(`The users and roles of the account were not read (${unreadText(read.unread)}).`);
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
  if (!roster.ok) notes.push(`The pipelines were not read (${unreadText(roster.unread)}).`);
  else if (roster.value.unread.length > 0) notes.push(unreadNote(roster.value.unread));
  const asking = identity && roster.ok ? needsFor(denied, identity, roster.value) : [];
  const { executionId, isOfStep } = stepNamed(denied);
  const asked = executionId === undefined ? asking : ofSteps(asking, isOfStep);
  const about = {
    denied,
    steps: stepsOf(asked),
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
  const service = passedService(denied, asking, read.ok ? read.value : undefined);
  const told: Request = {
    principal: {
      ...identity.principal,
      ...(denied.principal !== undefined &&
        parseAssumedRole(denied.principal) && { sessionArn: denied.principal }),
    },
    action: denied.action,
    resource: denied.resource,
    context: contextOf({
      // The SDKs and SageMaker call by HTTPS, which buckets commonly ask for.
      'aws:SecureTransport': 'true',
      'aws:RequestedRegion': parseArn(denied.resource)?.region || denied.region || reader.scope.region,
      ...(service !== undefined && { [PASSED_TO]: service }),
    }),
  };
  const layers = await layersOf(identity, denied.resource, evidence, notes);
  const { left, allowed, known } = narrowedTo(asked, told, layers);
  const steps = stepsOf(left);
  if (allowed.length > 0)
    notes.push(
      `The same request of ${stepsText(stepsOf(allowed))} is allowed, as the definition makes it: it is not the one that was denied.`,
    );
  const request = { ...told, context: assume(told.context, known) };
  const explanation = explain(layers, request);
  if (explanation.decision === 'ExplicitDeny')
    notes.push(...(await foundByControls(explanation, { request, identity, steps }, context)));
  const allowing = policyFor(denied, request, explanation, layers, service, notes);
  const policy = allowing && (await keptByControls(allowing, request, { identity, steps }, context, notes));
  const owner = policy && ownedElsewhere(identity.principal);
  if (owner !== undefined) notes.push(`${owner}.`);
  return {
    ...about,
    steps,
    principalArn: identity.principal.arn,
    explanation,
    ...(policy && { policy }),
    notes,
  };
};

const PASSED_TO = 'iam:PassedToService';

/** The needs of the steps that the name of the session or job means. */
const ofSteps = (asking: readonly RoleNeed[], isOfStep: (step: string) => boolean): RoleNeed[] =>
  asking.flatMap((asked) => {
    const askers = asked.askers.filter(({ step }) => isOfStep(step));
    return askers.length > 0 ? { ...asked, askers } : [];
  });

const stepsOf = (asked: readonly RoleNeed[]): Asker[] => distinct(asked.flatMap(({ askers }) => askers));

const stepsText = (steps: readonly Asker[]): string =>
  listed(
    steps.map(({ pipeline, step, pointer }) => `step ${step} (${pointer}) of pipeline ${pipeline.name}`),
    MAX_TOLD,
  );

/**
 * The service to which a role was passed: as the steps’ needs tell it; else the service that was called, if that is SageMaker, which
 * takes roles over itself; else the only service that the role trusts.
 */
const passedService = (
  { action, resource, operation, service }: Denial,
  asking: readonly RoleNeed[],
  identities: Identities | undefined,
): string | undefined => {
  if (action?.toLowerCase() !== 'iam:passrole') return undefined;
  const needed = new Set(asking.flatMap(({ need }) => need.context?.[PASSED_TO] ?? []));
  if (needed.size > 0) return needed.size === 1 ? [...needed][0] : undefined;
  if (service === SAGEMAKER) return SAGEMAKER;
  const trusted = identities?.byArn.get(resource ?? '')?.principal.services;
  if (trusted?.size === 1) return [...trusted][0];
  return operation !== undefined && OF_SAGEMAKER.test(operation) && trusted?.has(SAGEMAKER)
    ? SAGEMAKER
    : undefined;
};

/** Operations that SageMaker alone has, and that pass a role to it. */
const OF_SAGEMAKER =
  /^Create(?:TrainingJob|ProcessingJob|HyperParameterTuningJob|AutoMLJob(?:V2)?|Model|NotebookInstance|UserProfile)$/;

/** What controls say of the same call of the same steps, by the very statements that deny it. */
const foundByControls = async (
  { decidedBy }: Explanation,
  { request, identity, steps }: { request: Request; identity: Identity; steps: readonly Asker[] },
  context: DenialContext,
): Promise<string[]> => {
  const facts = await factsOf(identity, context);
  if (!facts) return [];
  const places = decidedBy.map(({ policy, pointer }) => `${policy}${pointer}`);
  const isSame = ({ at, found: told, expected }: Evidence): boolean =>
    places.includes(at) &&
    told.includes(`${request.action} on `) &&
    steps.some(
      ({ step, pipeline }) => expected.includes(`step ${step} (`) && expected.includes(pipeline.name),
    );
  const type = identity.principal.kind === 'user' ? 'user' : 'role';
  return evaluate(context.controls, type, facts, context.config)
    .flatMap(({ control, verdict }) =>
      verdict.status === 'FAILED' && verdict.evidence.some(isSame)
        ? `${control.id} finds this as well: ${verdict.remediation.text}${
            verdict.remediation.patch === undefined
              ? ''
              : ` Its command: pipewarden audit --control ${control.id}, then pipewarden fix.`
          }`
        : [],
    )
    .slice(0, MAX_TOLD);
};

const accountOf = ({ principal, roleArn }: Denial): string | undefined =>
  parseArn(roleArn ?? principal ?? '')?.account;

/** By the role that a record names; a session's ARN names the role without its path, which is unique all the same. */
const identityOf = (
  { principal = '', roleArn }: Denial,
  { byArn, named }: Identities,
): Identity | undefined => {
  const session = parseAssumedRole(principal);
  const found = byArn.get(roleArn ?? principal) ?? (session && named('role', session.roleName));
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
      `The policies of the organization were not read (${unreadText(organization.unread)}): they may deny it as well.`,
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
      `The policy of the resource was not read (${unreadText(ofResource.unread)}): it may deny it as well.`,
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
      'A Deny stands against it, which no permission lifts: change what asks for it, or ask whoever wrote the Deny whether it is meant.',
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

/**
 * The policy, if no control fails because of it; with the condition on the version where a floor asks for it. Else none, and
 * the notes name the control and what it wants.
 */
const keptByControls = async (
  document: PolicyDocument,
  request: Request,
  { identity, steps }: { identity: Identity; steps: readonly Asker[] },
  context: DenialContext,
  notes: string[],
): Promise<PolicyDocument | undefined> => {
  const misnamed = misnamedJob(request, steps, context.config);
  if (misnamed !== undefined) {
    notes.push(misnamed);
    return undefined;
  }
  const giving = givesPermissions(request.action)
    ? `No policy is given: who may call ${request.action} changes what others may do, or may give itself more. Whether that is meant is for an administrator to say.`
    : undefined;
  const facts = await factsOf(identity, context);
  if (!facts) {
    notes.push(
      giving ??
        'Whether a control would fail because of the policy is not known, as what it needs was not read.',
    );
    return giving === undefined ? document : undefined;
  }
  const minimum = floorOf(request, context);
  const proposed = minimum === undefined ? document : withFloor(document, minimum);
  const change = putPolicy('explain-denied', proposed);
  const worsened = [
    ...worsenedBy(
      { before: facts, after: factsAfter(facts, change, sharedWork()) },
      context.controls,
      identity.principal.kind === 'user' ? 'user' : 'role',
      context.config,
    ),
    ...(await worsenedOnBucket(change, request, context)),
  ];
  const told = worsened.map(
    ({ control, evidence: [{ found, expected }] }) => `${control.id}: ${found}; expected: ${expected}`,
  );
  if (worsened.some(({ status }) => status === 'FAILED')) {
    notes.push(
      `No policy is given, because controls would find this fault with one that allows the request: ${listed(told, MAX_TOLD)}.`,
    );
    return undefined;
  }
  if (giving !== undefined) {
    notes.push(giving);
    return undefined;
  }
  const way = wayGained(facts, change);
  if (way)
    notes.push(
      `With the policy, ${identity.principal.arn} could perhaps get an administrator’s permissions: ${way.map(({ evidence }) => evidence.found).join('; ')}.`,
    );
  if (told.length > 0)
    notes.push(`With the policy, controls find this, or cannot tell it: ${listed(told, MAX_TOLD)}.`);
  if (minimum !== undefined)
    notes.push(
      `The policy holds for versions from ${minimum} on, as the configuration’s floor asks (version-floor-enforced): a request for a lower version, or for none, stays denied.`,
    );
  return proposed;
};

/** The way to an administrator’s permissions that the caller has with the policy, and not for sure without it. */
const wayGained = (facts: SomeFacts, change: RoleChange): Way | undefined => {
  const { principal, principals, directory } = facts;
  if (!principal?.ok || !principals?.ok || !directory?.ok) return undefined;
  const account = { principals: principals.value, directory: directory.value };
  const wayOf = (by: AccountPrincipal): Way | undefined => {
    const way = wayToAdministrator(by, account, sharedWork());
    return way && isSure(way) ? way : (wayByRunning(by, account, () => false, sharedWork()) ?? way);
  };
  const before = wayOf(principal.value);
  return before && isSure(before)
    ? undefined
    : wayOf(changedPrincipal(principal.value, change, sharedWork()));
};

/** What speaks against the policy on the bucket that the request is about, where pipelines of teams read their inputs. */
const worsenedOnBucket = async (
  change: RoleChange,
  { principal, resource }: Request,
  context: DenialContext,
): Promise<ReturnType<typeof worsenedBy>> => {
  const [, bucket] = BUCKET.exec(resource) ?? [];
  if (bucket === undefined) return [];
  const { facts } = await gather(bucketRequest(bucket, context.reader), gathering(context));
  const before: SomeFacts = facts;
  const { inputs } = before;
  if (!inputs?.ok || inputs.value.of !== 'bucket' || !inputs.value.principals?.ok) return [];
  const principals = inputs.value.principals.value.map((each) =>
    each.identity.principal.arn === principal.arn
      ? changedPrincipal({ ...each, isGoverned: false }, change, sharedWork())
      : each,
  );
  const after = { ...before, inputs: found({ ...inputs.value, principals: found(principals) }) };
  return worsenedBy({ before, after }, context.controls, 'bucket', context.config);
};

const gathering = (context: DenialContext): GatherContext => ({
  ...context,
  recallExecution: async () => undefined,
});

/** Why no policy lets the caller create a job of that name; undefined where its name may be authorised, or it makes no job. */
const misnamedJob = (
  { action, resource, principal }: Request,
  steps: readonly Asker[],
  { prefixes = [] }: Config,
): string | undefined => {
  const kind = /^sagemaker:create/i.test(action) ? jobKindOfArn(resource) : undefined;
  const stepTypes = kind === undefined ? [] : stepTypesOf(kind);
  if (kind === undefined || stepTypes.length === 0 || prefixes.length === 0 || isInGroup(resource))
    return undefined;
  const [step] = steps;
  const use = { stepTypes, principalArn: principal.arn, pipelineName: step?.pipeline.name };
  const name = arnName(resource);
  const startedBy = step ? 'pipeline' : 'unknown';
  const { answer } = jobNameAnswer({ name, kind, keepsCase: false, startedBy }, use, prefixes);
  if (answer !== 'no') return undefined;
  const where = step ? `step ${step.step} of pipeline ${step.pipeline.name}` : 'what makes the job';
  return `No policy is given, because no prefix authorises the job’s name ${name} (job-name-prefix): name ${where} first.`;
};

/** What is not known where pipelines were not read, the first of which are named. */
const unreadNote = (unread: Roster['unread']): string => {
  const [first] = unread;
  const names = listed(
    unread.map(({ name }) => name),
    3,
  );
  return `These pipelines were not read: ${names} (${first?.why}). Whether a step of theirs needs this is not known, nor whether a control would fail because of what they need.`;
};

/** So many findings of controls are told of one policy. */
const MAX_TOLD = 3;

/** The facts about the caller; undefined where what all principals need was not read. */
const factsOf = async (identity: Identity, context: DenialContext): Promise<SomeFacts | undefined> => {
  const [request] = principalRequest(identity.principal.arn);
  if (!request) return undefined;
  const { facts, accountGaps } = await gather(request, gathering(context));
  return accountGaps ? undefined : facts;
};

/** The highest floor that the configuration sets for what is asked of a pipeline, and does not except the caller from. */
const floorOf = (
  { action, resource, principal }: Request,
  { config, reader }: { config: Config } & Pick<DenialContext, 'reader'>,
): number | undefined => {
  if (!VERSION_ACTIONS.some((each) => each.toLowerCase() === action.toLowerCase())) return undefined;
  const floors = (config.versionFloors ?? []).filter(
    ({ pipeline, except = [] }) =>
      // AWS tells ARNs of pipelines in lower case.
      matchesAny(
        [sagemakerArn(reader.scope, `pipeline/${pipeline}`).toLowerCase()],
        resource.toLowerCase(),
      ) && !matchesAny(except, principal.arn),
  );
  return floors.length === 0 ? undefined : Math.max(...floors.map(({ minimum }) => minimum));
};

const withFloor = ({ Version, Statement }: PolicyDocument, minimum: number): PolicyDocument => ({
  Version,
  Statement: Statement.map((statement) => ({
    ...statement,
    Condition: { ...statement.Condition, NumericGreaterThanEquals: { [VERSION_KEY]: String(minimum) } },
  })),
});
