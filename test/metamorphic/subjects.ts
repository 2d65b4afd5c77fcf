import type { Config } from '../../shared/config/schema.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import type { Severity, Status } from '../../shared/domain/finding.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { type AccountEvidence, accountEvidence } from '../../shared/facts/account-evidence.ts';
import { gather } from '../../shared/facts/gather.ts';
import { identitiesOf } from '../../shared/iam/decide/authorization-details.ts';
import { asList, asText, type Json, type JsonObject, member } from '../../shared/json/json.ts';
import type { ControlVerdict } from '../../shared/judging/control.ts';
import { evaluate, severityOf } from '../../shared/judging/evaluate.ts';
import { found } from '../../shared/reader/read-result.ts';
import type { OrganizationPolicies, Reader } from '../../shared/reader/reader.ts';
import { principalRequest } from '../../shared/requests/resource-requests.ts';
import type { AccountSource, Opened } from './accounts.ts';

/** A verdict, as far as it is compared. */
export type Judged = {
  status: Status;
  severity: Severity;
  /** The control exempts the principal as an administrator, which is no verdict that all is well. */
  isExempt?: true;
};

/** The worst verdict of each control, with its subject where it has one. */
export type Verdicts = ReadonlyMap<string, Judged>;

/** All that a change can touch, as AWS holds it: IAM's listing with this one principal, and the organization's policies. */
export type Held = { details: Details; organization?: OrganizationPolicies };

/** IAM's listing of one principal, with the groups and managed policies that bear on it. */
export type Details = {
  kind: 'Role' | 'User';
  principal: JsonObject;
  groups: readonly JsonObject[];
  managed: readonly JsonObject[];
};

/** A role or user of an account, its verdicts as it is, and how it is judged once something is changed. */
export type Subject = {
  account: string;
  arn: string;
  scope: Scope;
  config: Config;
  /** Pipelines run under it. */
  executes: boolean;
  held: Held;
  before: Verdicts;
  judge: (held: Held) => Promise<Verdicts>;
  /** Accounts that nothing in this account names. */
  foreign: readonly string[];
  /** Pieces of names in the principal's own policies. */
  words: readonly string[];
  /** Names of which nothing in the account or the configuration holds one. */
  unheard: readonly string[];
};

const ABOUT_PRINCIPALS = CONTROLS.filter(({ on }) => on.includes('role') || on.includes('user'));

const WEIGHT: readonly Status[] = ['FAILED', 'WARNING', 'NOT_AVAILABLE', 'PASSED', 'NOT_APPLICABLE'];

/** The principals of an account on which a control says something. */
export const subjectsOf = (source: AccountSource): Promise<Subject[]> =>
  source.use(async (opened) => {
    const { reader, config, details } = opened;
    const evidence = accountEvidence(reader, config);
    const [identities, organization] = [await evidence.identities(), await evidence.organization()];
    if (!identities.ok) return [];
    const text = JSON.stringify([details, config]);
    const foreign = FOREIGN.filter((account) => !text.includes(account));
    const subjects: Subject[] = [];
    for (const { principal } of identities.value.identities) {
      const { arn } = principal;
      const kind = principal.kind === 'user' ? 'User' : 'Role';
      const held: Held = {
        details: detailsOf(details, kind, arn),
        ...(organization.ok && { organization: organization.value.policies }),
      };
      const judge = judgeWith(arn, opened, evidence);
      const before = await judge(held);
      if (
        [...before].every(
          ([control, { status }]) => status === 'NOT_APPLICABLE' || control === 'evidence-readable',
        )
      )
        continue;
      const uses = await evidence.roster();
      subjects.push({
        account: source.name,
        arn,
        scope: reader.scope,
        config,
        executes: (uses.ok && (uses.value.roles.get(arn)?.executes.length ?? 0) > 0) || false,
        held,
        before,
        judge,
        foreign,
        words: wordsOf(JSON.stringify(held.details)),
        unheard: UNHEARD.filter((name) => !text.includes(`/${name}`) && !text.includes(`:${name}`)),
      });
    }
    return subjects;
  });

/** Ids that no account of the corpus and of the cases has; those that one does name are left out for it. */
const FOREIGN = ['999988887777', '888877776666', '000011112222', '777766665555'];

/** Names that somebody may make up for an example, and one that nobody does. */
const UNHEARD = [
  'pipewarden-any-role',
  'pipewarden-any-key',
  'x7q2-any-name',
  'x7q2-any-role',
  'x7q2-any-bucket',
  'any-object',
  'any',
  'xx',
  'xa',
  'zzq9',
];

/** Pieces of names, of which junk is made that comes near to what is there. */
const wordsOf = (text: string): string[] => [
  ...new Set([...text.matchAll(/[a-z]{3,10}/g)].map(([word]) => word).slice(0, 2000)),
];

const detailsOf = (details: Json, kind: 'Role' | 'User', arn: string): Details => {
  const list = (name: string): JsonObject[] => asList(member(details, name)) as JsonObject[];
  const principal = list(`${kind}DetailList`).find((each) => asText(member(each, 'Arn')) === arn) ?? {};
  const names = asList(member(principal, 'GroupList')).map(asText);
  const groups = list('GroupDetailList').filter((each) => names.includes(asText(member(each, 'GroupName'))));
  const attached = new Set([
    ...[principal, ...groups].flatMap((each) =>
      asList(member(each, 'AttachedManagedPolicies')).map((policy) => asText(member(policy, 'PolicyArn'))),
    ),
    asText(member(member(principal, 'PermissionsBoundary'), 'PermissionsBoundaryArn')),
  ]);
  return {
    kind,
    principal,
    groups,
    managed: list('Policies').filter((each) => attached.has(asText(member(each, 'Arn')))),
  };
};

const listingOf = ({ kind, principal, groups, managed }: Details): Json => ({
  [`${kind}DetailList`]: [principal],
  GroupDetailList: [...groups],
  Policies: [...managed],
});

/** All controls on one principal, on facts that are gathered of the changed listing; nothing else is read again. */
const judgeWith =
  (arn: string, { reader, config }: Opened, known: AccountEvidence) =>
  async ({ details, organization }: Held): Promise<Verdicts> => {
    const changed: Reader = {
      ...reader,
      readIdentities: async () => {
        const read = await reader.readIdentities();
        if (!read.ok) return read;
        const now = identitiesOf(listingOf(details));
        const identities = read.value.identities.flatMap((each) =>
          each.principal.arn === arn ? now.identities : [each],
        );
        return found({ ...read.value, identities });
      },
      ...(organization && { readOrganizationPolicies: async () => found(organization) }),
    };
    const evidence: AccountEvidence = {
      ...accountEvidence(changed, config, known.roster),
      bucketPolicy: known.bucketPolicy,
      keyPolicy: known.keyPolicy,
    };
    const verdicts = new Map<string, Judged>();
    for (const { control, verdict } of await verdictsOn(arn, { reader: changed, config, evidence })) {
      const key = verdict.subject === undefined ? control.id : `${control.id} ${verdict.subject}`;
      const worst = verdicts.get(key);
      const severity = ('severity' in verdict && verdict.severity) || severityOf(control, config);
      if (worst === undefined || WEIGHT.indexOf(verdict.status) < WEIGHT.indexOf(worst.status))
        verdicts.set(key, {
          status: verdict.status,
          severity,
          ...(verdict.status === 'NOT_APPLICABLE' &&
            /administrator/.test(verdict.because ?? '') && { isExempt: true }),
        });
    }
    return verdicts;
  };

/** What all controls say of one principal; each by itself, so that no remedy is tried on the others. */
export const verdictsOn = async (
  arn: string,
  { reader, config, evidence }: { reader: Reader; config: Config; evidence: AccountEvidence },
): Promise<ControlVerdict[]> => {
  const [request] = principalRequest(arn);
  if (!request || (request.type !== 'role' && request.type !== 'user'))
    throw new Error(`${arn} is no role or user`);
  const recallExecution = async () => undefined;
  const { facts } = await gather(request, {
    reader,
    config,
    evidence,
    recallExecution,
    now: () => new Date(),
  });
  return ABOUT_PRINCIPALS.flatMap((control) => evaluate([control], request.type, facts, config));
};
