import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { asList, asText, type Json, member } from '../../../shared/json/json.ts';
import { ACCOUNT, REGION } from '../builders/events.ts';
import { type CloudTrailStandIn, startCloudTrail } from '../standins/cloudtrail.ts';
import { type SecurityHubStandIn, startSecurityHub } from '../standins/security-hub.ts';
import { type SlackStandIn, startSlack } from '../standins/slack.ts';
import { adaptTemplates, cdkFor, type Outputs, type Resource } from '../templates/cdk.ts';
import { type MiniStack, startMiniStack } from './ministack.ts';
import { startMoto } from './moto-server.ts';

/** PutEvents refuses sources that begin with `aws.`. */
export const SOURCE_PREFIX = 'test.';

/**
 * Adapts a resource to what MiniStack's CloudFormation and EventBridge accept; everything else stays as synthesised.
 */
export const forMiniStack = (resource: Resource): Resource | undefined => {
  switch (resource.Type) {
    case 'AWS::Events::Archive': // nothing in the tests needs an archive
    case 'AWS::Lambda::ResourcePolicy': // no policy is enforced there
      return undefined;
    case 'AWS::CloudWatch::Alarm':
      return withOneMetric(resource);
    case 'AWS::Events::Rule':
      return withOwnSource(resource);
    default:
      return resource;
  }
};

/** Replaces the expression of an alarm by one of its metrics. */
const withOneMetric = (resource: Resource): Resource => {
  const { Properties: { Metrics, ...properties } = {} } = resource;
  if (!Array.isArray(Metrics)) return resource;
  const { MetricStat } = Metrics.find((metric) => metric.MetricStat);
  const { Metric, Period, Stat: Statistic } = MetricStat;
  return { ...resource, Properties: { ...properties, ...Metric, Period, Statistic } };
};

const KEPT = ['version', 'id', 'detail-type', 'account', 'time', 'region', 'resources', 'detail'];

const sourcesOf = (pattern: unknown): string[] =>
  asList(member(pattern as Json, 'source')).flatMap((each) => asText(each) ?? []);

/** Makes a rule match a prefixed source and send the event on with the source that AWS would have given it. */
const withOwnSource = (resource: Resource): Resource => {
  const { EventPattern, Targets, ...properties } = resource.Properties ?? {};
  const [source = '', ...others] = sourcesOf(EventPattern);
  if (!source.startsWith(SOURCE_PREFIX) || !Array.isArray(Targets)) return resource;
  if (others.length > 0) throw new Error(`a rule matches several sources: ${[source, ...others]}`);
  const fields = KEPT.map((field) => `"${field}":<${field}>`);
  const InputTransformer = {
    InputPathsMap: Object.fromEntries(KEPT.map((field) => [field, `$.${field}`])),
    InputTemplate: `{"source":"${source.slice(SOURCE_PREFIX.length)}",${fields.join(',')}}`,
  };
  // A bus passes an event on unchanged, because the rules behind it match the prefix again.
  const targets = Targets.map((target) => ('RoleArn' in target ? target : { ...target, InputTransformer }));
  return { ...resource, Properties: { ...properties, EventPattern, Targets: targets } };
};

export type Deployment = {
  ministack: MiniStack;
  moto: Awaited<ReturnType<typeof startMoto>>;
  history: CloudTrailStandIn;
  securityHub: SecurityHubStandIn;
  slack: SlackStandIn;
  outputs: Outputs;
  /** Deploys once more over what is there, with more options. @returns the outputs. */
  redeploy(context: Readonly<Record<string, string>>): Promise<Outputs>;
  stop(): Promise<void>;
};

/**
 * Deploys all stacks of the app with the CDK's own command into a fresh MiniStack. What MiniStack lacks is elsewhere:
 * SageMaker, IAM, KMS, Organizations, RAM and trails in moto; the history of calls, Security Hub and Slack in our
 * stand-ins. `before` is done when the Regions are bootstrapped.
 */
export const deploy = async (
  config: object,
  before: (parts: Pick<Deployment, 'ministack' | 'slack'>) => Promise<void> = async () => {},
): Promise<Deployment> => {
  const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deployed-'));
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    const moto = await startMoto({ account: ACCOUNT });
    stops.push(moto.stop);
    const securityHub = await startSecurityHub({ account: ACCOUNT, region: REGION });
    stops.push(securityHub.stop);
    const slack = await startSlack();
    stops.push(slack.stop);
    const history = await startCloudTrail(moto.endpoint);
    stops.push(history.stop);
    const ministack = await startMiniStack(ACCOUNT, REGION);
    stops.push(ministack.stop);

    const { token, apiUrl } = slack;
    const secret = await createSecret(ministack.endpoint, { token, apiUrl, channel: 'C0ALERTS' });
    const configFile = join(folder, 'pipewarden.yaml');
    await writeFile(configFile, JSON.stringify({ ...config, alerts: { slack: { secret } } }));
    const cdk = cdkFor({ endpoint: ministack.endpoint, account: ACCOUNT, region: REGION }, folder);
    const inMoto = ['SAGEMAKER', 'IAM', 'KMS', 'ORGANIZATIONS', 'RAM'].map((service) => [
      `AWS_ENDPOINT_URL_${service}`,
      moto.endpoint,
    ]);
    const environment = {
      AWS_ENDPOINT_URL: ministack.endpoint,
      ...Object.fromEntries(inMoto),
      AWS_ENDPOINT_URL_CLOUDTRAIL: history.endpoint,
      AWS_ENDPOINT_URL_SECURITYHUB: securityHub.endpoint,
    };
    const context = {
      config: configFile,
      eventSourcePrefix: SOURCE_PREFIX,
      environment: JSON.stringify(environment),
    };
    await Promise.all([cdk.bootstrap(REGION, 'us-east-1'), cdk.synth(context)]);
    await adaptTemplates(folder, forMiniStack);
    await before({ ministack, slack });
    const outputs = await cdk.deployAll();
    const redeploy: Deployment['redeploy'] = async (more) => {
      await cdk.synth({ ...context, ...more });
      await adaptTemplates(folder, forMiniStack);
      return cdk.deployAll();
    };
    return { ministack, moto, history, securityHub, slack, outputs, redeploy, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/**
 * Does what a person does before the deployment: stores the bot's token in a secret, whose ARN goes into the
 * configuration.
 */
const createSecret = async (endpoint: string, value: object): Promise<string> => {
  const client = new SecretsManagerClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const SecretString = JSON.stringify(value);
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: 'pipewarden/slack', SecretString }));
  client.destroy();
  return ARN;
};
