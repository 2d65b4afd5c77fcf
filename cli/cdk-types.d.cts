import type { IPolicyValidationPlugin } from 'aws-cdk-lib';

/** How an app is judged when it is synthesised. */
export interface PipewardenOptions {
  /** The configuration; without it, the nearest `pipewarden.yaml` from the cloud assembly up, in its Git repository. */
  readonly config?: string;
  /** A snapshot folder of the account that the app is deployed to, which tells what the app does not declare. */
  readonly snapshot?: string;
  /** The severity from which on a finding fails the synthesis: `high` by default. */
  readonly failOn?: 'critical' | 'high' | 'medium' | 'low' | 'none';
  /** Whether what cannot be judged before the deployment fails the synthesis: `ok`, it does not, by default. */
  readonly unread?: 'ok' | 'fail';
}

/**
 * The plug-in for `Validations.of(app).addPlugins(pipewarden())`. It takes an acknowledgement for a finding of a construct and
 * those below it that tells its last day (UTC) and a reason:
 *
 *     Validations.of(role).acknowledge({ id: 'Pipewarden::execution-role-trust', reason: 'until 2027-03-31: TICKET-1' });
 *
 * https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html
 */
export declare const pipewarden: (options?: PipewardenOptions) => IPolicyValidationPlugin;
