import { isNativeError } from 'node:util/types';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { parseArn } from '../../domain/arn.ts';
import { isDenied } from '../../domain/gap.ts';
import { withAction } from '../../domain/refusal.ts';
import type { Scope } from '../../domain/scope.ts';
import { cachedReader } from '../../reader/cached-reader.ts';
import {
  firstAnswering,
  type OrganizationSource,
  sourceOf,
  withOrganization,
} from '../../reader/organization-source.ts';
import type { Reader } from '../../reader/reader.ts';
import { accessError } from './access-error.ts';
import { awsClients, type ClientOptions, clientConfig } from './clients.ts';
import { liveReader } from './live-reader.ts';
import { namingActions } from './naming-actions.ts';

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

/** The profile and Region that the user names; where they are missing, the SDK finds them. */
export type AccountChoice = { profile?: string; region?: string };

/** The account of the credentials: the options for all clients, and the caller’s identity. */
export type ConnectedAccount = {
  options: ClientOptions & { region: string };
  scope: Scope;
  /** The output of `aws sts get-caller-identity`. */
  identity: { UserId: string; Account: string; Arn: string };
};

/**
 * Asks AWS whose the credentials are, so that wrong credentials are reported once and at the start.
 * @throws {AwsAccessError} where AWS does not accept the credentials or the Region.
 */
export const connectAccount = async ({ profile, region }: AccountChoice): Promise<ConnectedAccount> => {
  if (profile !== undefined) process.env.AWS_PROFILE = profile; // the SDK takes the Region from the profile in this variable
  const options = {
    credentials: fromNodeProviderChain(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
  };
  const sts = namingActions('sts', new STSClient(clientConfig(options)));
  try {
    const resolved = await sts.config.region();
    if (!REGION.test(resolved))
      throw new Error(`Region not accepted: ${resolved} is not a Region; Regions look like eu-west-1`);
    const { UserId = '', Account, Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
    if (!Account) throw new Error('GetCallerIdentity named no account');
    return {
      options: { ...options, region: resolved },
      scope: { account: Account, region: resolved, partition: parseArn(Arn)?.partition ?? 'aws' },
      identity: { UserId, Account, Arn },
    };
  } catch (error) {
    const plain = explained(error, profile ?? process.env.AWS_PROFILE);
    throw accessError(plain) ?? plain;
  } finally {
    sts.destroy();
  }
};

/** A Reader for the account of the credentials. @throws {AwsAccessError} like `connectAccount`. */
export const openAccount = async (choice: AccountChoice): Promise<Reader> =>
  readerOf(await connectAccount(choice));

/**
 * A Reader for a connected account. `organization`: whoever may tell of the organization for all its accounts, and is asked
 * first.
 */
export const readerOf = (
  { options, scope, identity }: ConnectedAccount,
  organization?: OrganizationSource,
): Reader => {
  const live = liveReader({ ...awsClients(options), scope });
  const reader = organization ? withOrganization(live, firstAnswering(organization, sourceOf(live))) : live;
  return { ...cachedReader(reader, { now: () => new Date() }), caller: identity.Arn };
};

/** Adds what the SDK’s error does not say: the profile that was not found, or the setting that is not a URL. */
const explained = (error: unknown, profile: string | undefined): unknown => {
  if (!isNativeError(error)) return error;
  if ('code' in error && error.code === 'ERR_INVALID_URL') {
    const message =
      'AWS_ENDPOINT_URL, or a setting like it, is not a URL; a URL looks like http://127.0.0.1:5000';
    return Object.assign(new Error(message, { cause: error }), { name: 'AwsAccessError' });
  }
  // GetCallerIdentity needs no permission, so that only the role of the credentials can have been refused.
  if (isDenied(error.name)) {
    const said = withAction({ code: error.name, message: error.message }, 'sts', 'AssumeRole');
    const message = `the role of the AWS credentials cannot be assumed: ${said}`;
    return Object.assign(new Error(message, { cause: error }), { name: 'AwsAccessError' });
  }
  return profile !== undefined && error.name === 'CredentialsProviderError'
    ? Object.assign(new Error(`profile ${profile}: ${error.message}`, { cause: error }), { name: error.name })
    : error;
};
