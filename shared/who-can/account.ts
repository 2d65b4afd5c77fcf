import { DEFAULT_CONFIG } from '../config/schema.ts';
import { accountRootArn } from '../domain/arn.ts';
import { unreadText } from '../domain/gap.ts';
import type { AccountScope } from '../domain/scope.ts';
import { accountEvidence, organizationInRequests, organizationLayers } from '../facts/account-evidence.ts';
import { accountPrincipal } from '../facts/account-principal.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { Read } from '../reader/read-result.ts';
import type { AccountReaders, PipelineShare } from '../reader/reader.ts';

/** What the question who can do something is asked of: one account. */
export type AskedAccount = {
  scope: AccountScope;
  /** Its users and roles, and the root user, with all policies that limit them. */
  principals: readonly AccountPrincipal[];
  /** The layers that limit who comes from elsewhere. */
  layers: Pick<Policies, 'rcps' | 'memberAccount' | 'managementAccount'>;
  pipelines: ReadonlyMap<string, Read<readonly string[]>>;
  shares: ReadonlyMap<string, Read<readonly PipelineShare[]>>;
  /** What could not be read, so that answers are told without it. */
  notes: readonly string[];
};

/** Reads an account: its principals, the organization’s policies, and the names and shares of pipelines in each Region. */
export const readAskedAccount = async (readers: AccountReaders): Promise<Read<AskedAccount>> => {
  const [reader, ...others] = readers;
  const evidence = accountEvidence(reader, DEFAULT_CONFIG, undefined, others);
  const identities = await evidence.identities();
  if (!identities.ok) return identities;
  const { scope } = evidence;
  const organization = await evidence.organization();
  const layers = organizationLayers(organization, scope.account);
  const ofPrincipals = await organizationInRequests(evidence);
  const acting = <P extends object>(principal: P): P => ({
    ...principal,
    ...(ofPrincipals !== undefined && { organization: ofPrincipals }),
  });
  const root = {
    principal: acting({
      kind: 'root' as const,
      arn: accountRootArn(scope),
      account: scope.account,
    }),
    name: 'root',
    policies: {},
    groups: [],
  };
  const pipelines = new Map<string, Read<readonly string[]>>();
  const shares = new Map<string, Read<readonly PipelineShare[]>>();
  for (const each of readers) {
    const { region } = each.scope;
    const listed = await each.listPipelines();
    pipelines.set(region, listed.ok ? { ...listed, value: listed.value.map(({ name }) => name) } : listed);
    shares.set(region, await evidence.shares(region));
  }
  const { scps: _, ...ofResources } = layers;
  return {
    ok: true,
    value: {
      scope,
      principals: [
        ...identities.value.identities.map((identity) =>
          accountPrincipal({ ...identity, principal: acting(identity.principal) }, layers, scope),
        ),
        accountPrincipal(root, layers, scope),
      ],
      layers: ofResources,
      pipelines,
      shares,
      notes: organization.ok
        ? []
        : [
            `the policies of the organization are not part of the answers: ${unreadText(organization.unread)}`,
          ],
    },
  };
};
