import type { Gap, Unread } from '../domain/gap.ts';
import { jsonGetReads, type Roster, usedRoles } from '../needs/roster.ts';
import { found, type Read } from '../reader/read-result.ts';
import type { RequestOf } from '../requests/audit-request.ts';
import { knownPipelineRequest, principalRequest } from '../requests/resource-requests.ts';
import { isUsuallyUnread, type OrganizationFact } from './account-evidence.ts';
import type { ExceptionSubject } from './facts.ts';
import { jsonGetReaders } from './gather-principal.ts';
import { type Fact, type GatherContext, type Gathered, notApplicable } from './gathered.ts';

/** Gathers the organization's policies and the needs of the pipelines that these policies are compared with. */
export const gatherOrganization = async (
  request: RequestOf<'organization'>,
  context: GatherContext,
): Promise<Gathered<'organization'>> => {
  const { evidence } = context;
  const [organization, roster] = [await evidence.organization(), await evidence.roster('outline')];
  const { arn } = request.resource;
  const because = { trigger: request.trigger, changed: ['policy'] } as const;
  return {
    type: 'organization',
    arn,
    facts: {
      exceptionSubject: await subjectOf(organization, roster, context),
      gaps: found(organization.ok ? [] : [organizationGap(organization.unread)]),
    },
    gone: false,
    executions: [],
    ...(request.trigger && roster.ok
      ? {
          follow: [
            // The configuration may hang on the account’s place in the organization.
            ...(request.changed.includes('membership') ? roster.value.pipelines : []).map((pipeline) =>
              knownPipelineRequest(pipeline, context.reader, request.trigger),
            ),
            ...usedRoles(roster.value).flatMap((role) => principalRequest(role, because)),
          ],
        }
      : {}),
  };
};

/** If no pipeline reads for JsonGet, an unreadable organization does not matter. */
const subjectOf = async (
  organization: Read<OrganizationFact>,
  roster: Read<Roster>,
  context: GatherContext,
): Promise<Fact<ExceptionSubject>> => {
  if (!roster.ok) return roster;
  const isNeeded =
    roster.value.unread.length > 0 ||
    [...roster.value.roles.values()].some((uses) => jsonGetReads(uses).length > 0);
  if (!organization.ok) return isNeeded ? organization : notApplicable('no pipeline reads for JsonGet');
  const identities = isNeeded ? await context.evidence.identities('outline') : undefined;
  return found({
    of: 'organization',
    organization: organization.value,
    roster: roster.value,
    account: context.reader.scope.account,
    readers: identities?.ok ? jsonGetReaders(roster.value)(identities.value) : [],
  });
};

/** Most accounts may not read their organization, so this gap is optional; a malformed file in a snapshot is a mistake. */
const organizationGap = (unread: Unread): Gap => ({
  ...unread,
  subject: 'organization',
  ...(isUsuallyUnread(unread) && { isOptional: true }),
});
