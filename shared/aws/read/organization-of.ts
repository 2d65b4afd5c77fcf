import { loadedLater, type OrganizationSource } from '../../reader/organization-source.ts';
import type { AwsClients } from './aws-clients.ts';

/** What AWS Organizations tells with the credentials of the account `caller`. It is loaded with the first question. */
export const organizationOf = (
  organizations: AwsClients['organizations'],
  options: { caller: string; now?: () => Date },
): OrganizationSource =>
  loadedLater(async () => {
    const { liveOrganization } = await import('./live-organization.ts');
    return liveOrganization(await organizations(), options);
  });
