import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { MEMBER_SESSION } from '../../domain/member-roles.ts';
import { type ClientOptions, clientConfig } from './clients.ts';

type Assumed = ReturnType<typeof fromTemporaryCredentials>;

/** The role to assume, the Region whose STS endpoint is asked, and the external id that the role’s trust policy asks for. */
export type AssumedRole = {
  role: string;
  region: string;
  externalId?: string | undefined;
  /** Whoever assumes the role. Missing: the credentials that the SDK finds. */
  by?: ClientOptions['credentials'];
};

/**
 * Credentials of a role for the clients of all services and Regions. The role is assumed at their first use, by the STS endpoint
 * of one Region, and again shortly before they expire.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const assumedRole = ({ role, region, externalId, by }: AssumedRole): Assumed =>
  untilExpired(
    fromTemporaryCredentials({
      ...(by && { masterCredentials: by }),
      params: {
        RoleArn: role,
        RoleSessionName: MEMBER_SESSION,
        ...(externalId !== undefined && { ExternalId: externalId }),
      },
      clientConfig: { ...clientConfig(), region },
    }),
  );

/** Credentials that are about to expire would fail in the middle of a listing. */
const RESERVE_MS = 5 * 60 * 1000;

/** The same credentials for all who ask, each of whom would else assume the role by itself. */
const untilExpired = (assume: Assumed): Assumed => {
  let known: ReturnType<Assumed> | undefined;
  return async (...args) => {
    const asked = known;
    const { expiration } = (await asked?.catch(() => undefined)) ?? {};
    const isUsable = expiration !== undefined && expiration.valueOf() - RESERVE_MS >= Date.now();
    // Whoever waited for the same credentials may have asked for new ones already.
    if (!isUsable && known === asked) known = assume(...args);
    return known as ReturnType<Assumed>;
  };
};
