type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/**
 * Credentials for a function: Lambda puts them into the environment. The build uses this in place of the SDK’s own
 * search (`scripts/build.ts`), which loads profiles, SSO, web identities and their clients.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const defaultProvider = () => async (): Promise<Credentials> => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw Object.assign(new Error('the environment holds none'), { name: 'CredentialsProviderError' });
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  };
};
