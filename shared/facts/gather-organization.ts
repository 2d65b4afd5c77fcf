import type { Gap, Unread } from '../domain/gap.ts';
import { usedRoles } from '../needs/roster.ts';
import { found } from '../reader/read.ts';
import { MALFORMED } from '../reader/snapshot/files.ts';
import { principalRequest } from '../requests/resource-requests.ts';
import type { RequestOf } from './gather-principal.ts';
import type { GatherContext, Gathered } from './gathered.ts';

/** The organization's policies, held against what pipelines need; where nobody needs anything of them, nothing is judged. */
export const gatherOrganization = async (
  request: RequestOf<'organization'>,
  { evidence, reader }: GatherContext,
): Promise<Gathered> => {
  const [organization, roster] = [await evidence.organization(), await evidence.roster()];
  const { arn } = request.resource;
  const because = { trigger: request.trigger, changed: ['policy'] } as const;
  const isNeeded =
    roster.ok &&
    [...roster.value.roles.values()].some(({ needs }) => needs.some(({ kind }) => kind === 'json-get'));
  return {
    arn,
    facts: {
      ...(organization.ok
        ? roster.ok && {
            exceptionSubject: found({
              of: 'organization',
              organization: organization.value,
              roster: roster.value,
              account: reader.scope.account,
            }),
          }
        : isNeeded && { exceptionSubject: organization }),
      gaps: found(organization.ok ? [] : [organizationGap(organization.unread)]),
    },
    gone: false,
    executions: [],
    ...(request.trigger && roster.ok
      ? { follow: usedRoles(roster.value).flatMap((role) => principalRequest(role, because)) }
      : {}),
  };
};

/** Few accounts may read their organization; but a file that is there and wrong is a mistake. */
const organizationGap = (unread: Unread): Gap => ({
  ...unread,
  subject: 'organization',
  ...(unread.code === MALFORMED ? {} : { isOptional: true }),
});
