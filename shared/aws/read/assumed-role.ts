import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { MEMBER_SESSION } from '../../domain/member-roles.ts';
import { type ClientOptions, clientConfig } from './clients.ts';
import { namingActions } from './naming-actions.ts';

/** The role to assume, the Region whose STS endpoint is asked, and the external id that the role’s trust policy asks for. */
export type AssumedRole = {
  role: string;
  region: string;
  externalId?: string | undefined;
  /** Whoever assumes the role. Missing: the credentials that the SDK finds. */
  by?: ClientOptions['credentials'];
};

/** The credentials of a session under a role. */
export type SessionCredentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
};

/**
 * Credentials of roles for the clients of all services and Regions. A role is assumed at their first use, by the STS endpoint
 * of one Region, and again shortly before they expire. All roles are assumed by one client.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const assumingRoles = ({
  region,
  externalId,
  by,
}: Omit<AssumedRole, 'role'>): ((role: string) => () => Promise<SessionCredentials>) => {
  const options = { region, ...(by && { credentials: by }) };
  const sts = namingActions('sts', new STSClient(clientConfig(options)));
  return (role) =>
    untilExpired(async () => {
      const command = new AssumeRoleCommand({
        RoleArn: role,
        RoleSessionName: MEMBER_SESSION,
        ...(externalId !== undefined && { ExternalId: externalId }),
      });
      const { Credentials } = await sts.send(command);
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration)
        throw new Error(`AssumeRole gave no credentials of ${role}`);
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiration: Expiration,
      };
    });
};

/** The same of one role. */
export const assumedRole = ({ role, ...by }: AssumedRole): (() => Promise<SessionCredentials>) =>
  assumingRoles(by)(role);

/** Credentials that are about to expire would fail in the middle of a listing. */
const RESERVE_MS = 5 * 60 * 1000;

/** The same credentials for all who ask, each of whom would else assume the role by itself. */
export const untilExpired = <T extends { expiration: Date }>(
  assume: () => Promise<T>,
): (() => Promise<T>) => {
  let known: Promise<T> | undefined;
  return async () => {
    const asked = known;
    const { expiration } = (await asked?.catch(() => undefined)) ?? {};
    const isUsable = expiration !== undefined && expiration.valueOf() - RESERVE_MS >= Date.now();
    // Whoever waited for the same credentials may have asked for new ones already.
    if (!isUsable && known === asked) known = assume();
    return known as Promise<T>;
  };
};
