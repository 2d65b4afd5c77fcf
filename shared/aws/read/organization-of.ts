import { once } from '../../memo.ts';
import type { OrganizationSource } from '../../reader/organization-source.ts';
import type { AwsClients } from './aws-clients.ts';

/** What AWS Organizations tells with the credentials of the account `caller`. It is loaded with the first question. */
export const organizationOf = (
  organizations: AwsClients['organizations'],
  options: { caller: string; now?: () => Date },
): OrganizationSource => {
  let made: OrganizationSource | undefined;
  const source = once(async () => {
    const { liveOrganization } = await import('./live-organization.ts');
    made = liveOrganization(await organizations(), options);
    return made;
  });
  return {
    policiesOf: async (account) => (await source()).policiesOf(account),
    ownOf: async (account) => (await source()).ownOf(account),
    forgetBefore: (time) => made?.forgetBefore(time),
  };
};
