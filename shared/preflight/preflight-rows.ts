import { FINDINGS_BUS, stackPrefixOfState } from '../domain/deployment-names.ts';
import { unreadText } from '../domain/gap.ts';
import { INCOMPLETE } from '../reader/answers/describe.ts';
import { globalRegionOf } from '../reader/answers/trails.ts';
import { ABSENT, type Read } from '../reader/read-result.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import { shellText } from '../text/shell-text.ts';
import type { PlannedStack } from './planned-stacks.ts';
import { notTold, ok, type PreflightRow } from './preflight-row.ts';

/**
 * Whether AWS takes the credentials in a Region in which the stacks are deployed. They have been taken in the home Region, so that
 * a refusal speaks of the Region.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
export const regionRow = (region: string, read: Read<unknown>): PreflightRow => {
  const place = { about: 'Region', region };
  if (read.ok) return ok(place, 'AWS takes the credentials there');
  const { code, message } = read.unread;
  if (!NOT_TAKEN.has(code)) return notTold(place, read.unread, 'whether the Region is enabled is not known');
  return {
    ...place,
    status: 'WILL_FAIL',
    found: `AWS does not take the credentials there (${code}: ${message})`,
    todo: `Enable ${region} for the account (aws account enable-region --region-name ${region}), or take it out of organization.regions. If it is enabled, get the credentials from a Regional endpoint of STS (AWS_STS_REGIONAL_ENDPOINTS=regional): session tokens of the global one are not valid in opt-in Regions.`,
  };
};

/** What STS answers about a Region that is off, and about session tokens that are not valid there. */
const NOT_TAKEN = new Set(['InvalidClientTokenId', 'UnrecognizedClientException', 'AuthFailure']);

/**
 * Whether there is the managed policy that bounds the roles. That of members is not asked for.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html
 */
export const boundaryRow = (arn: string, read: Read<unknown>): PreflightRow => {
  const place = { about: 'Permissions boundary' };
  if (read.ok) return ok(place, `${arn} is there; whether it allows what the roles do is not asked`);
  if (read.unread.code !== ABSENT) return notTold(place, read.unread, `whether ${arn} is there is not known`);
  return {
    ...place,
    status: 'WILL_FAIL',
    found: `there is no ${arn}, which all roles are to get`,
    todo: 'Make a managed policy of that name, in each watched account, that allows what docs/permissions.md lists; or give --permissions-boundary another name.',
  };
};

export const UNTOLD_BOUNDARY: PreflightRow = {
  about: 'Permissions boundary',
  status: 'NOT_TOLD',
  found: 'the templates do not tell the ARN of the boundary that roles get',
  todo: 'See for yourself that the policy is there, or name it with --permissions-boundary.',
};

/**
 * Whether another deployment of the account has the Region already: one under another prefix of stacks has the same bus.
 * `owner`: the stack that has made the bus.
 */
export const busRow = (region: string, state: string, read: Read<string | undefined>): PreflightRow => {
  const place = { about: 'Stack prefix', region };
  if (!read.ok)
    return notTold(
      place,
      read.unread,
      'whether a deployment with another prefix of stacks is there already is not known',
    );
  const owner = read.value;
  if (owner === undefined) return ok(place, `no stack has made a bus ${FINDINGS_BUS} there`);
  if (owner === state) return ok(place, `the bus ${FINDINGS_BUS} is that of this deployment`);
  const prefix = stackPrefixOfState(owner);
  const again =
    prefix === undefined
      ? 'Remove that bus, or'
      : prefix === ''
        ? `Deploy without --stack-prefix, keep its findings with --state-stack ${owner}, or`
        : `Give --stack-prefix ${shellText(prefix)}, keep its findings with --state-stack ${shellText(owner)}, or`;
  return {
    ...place,
    status: 'WILL_FAIL',
    found: `the bus ${FINDINGS_BUS}, of which a Region has one, is that of the stack ${owner}`,
    todo: `${again} deploy to another Region.`,
  };
};

/**
 * Whether the roles that are there can get another path or prefix. CloudFormation makes a role anew for another path before it removes
 * the old one, whose name is taken then; and it changes no export that is in use, as `importers` tells of the exports of the stack that is
 * there. `deployed`: its outputs.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
 */
export const renamedRolesRow = (
  stacks: readonly PlannedStack[],
  deployed: ReadonlyMap<string, string>,
  { main, members }: { main: string; members: string },
  importers: Read<readonly string[]>,
): PreflightRow | undefined => {
  const planned = stacks.find(({ name }) => name === main);
  if (planned === undefined || deployed.size === 0) return undefined;
  const isChanged = (name: string) => deployed.get(name) !== planned.outputs.get(name);
  if (!isChanged('RolePath') && !isChanged('RolePrefix')) return undefined;
  const begin = (outputs: ReadonlyMap<string, string>) =>
    `${outputs.get('RolePath') ?? '/'}${outputs.get('RolePrefix') ?? ''}`;
  const place = { about: 'Role names', region: planned.region };
  const found = `all roles are made anew with names that begin with ${begin(planned.outputs)}, in place of ${begin(deployed)}`;
  const hasMembers = deployed.has('MemberRolesParameters');
  // The roles of members always have names of their own.
  if (!isChanged('RolePrefix') && (deployed.has('RolePrefix') || hasMembers))
    return {
      ...place,
      status: 'WILL_FAIL',
      found: `${found}: their names are taken while they are made`,
      todo: 'Give another --role-prefix as well, or the path as before.',
    };
  if (!hasMembers) return ok(place, found);
  if (!importers.ok)
    return notTold(place, importers.unread, `${found}, which fails where another stack imports them`);
  return importers.value.length > 0
    ? {
        ...place,
        status: 'WILL_FAIL',
        found: `${found}, and those that are there are imported by ${listed(importers.value)}`,
        todo: 'Deploy with the path and prefix as before first: the stacks of this version import nothing. Then deploy with the others.',
      }
    : ok(place, `${found}; no member is read until ${members} has made them there`);
};

/**
 * Whether the CDK has prepared a Region, in a version that will do.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
export const bootstrapRow = (
  { account, region, bootstrap }: Pick<PlannedStack, 'account' | 'region' | 'bootstrap'>,
  read: Read<string>,
  profile: string | undefined,
): PreflightRow => {
  const place = { about: 'CDK bootstrap', region };
  const { parameter = '', version: lowest = 0 } = bootstrap ?? {};
  const qualifier = parameter.split('/')[2] ?? '';
  const command = [
    `npx cdk bootstrap aws://${account}/${region}`,
    ...(qualifier === DEFAULT_QUALIFIER ? [] : [`--qualifier ${shellText(qualifier)}`]),
    ...(profile === undefined ? [] : [`--profile ${shellText(profile)}`]),
  ].join(' ');
  const todo = `Run once in the checkout: ${command}`;
  if (!read.ok) {
    if (read.unread.code !== 'ParameterNotFound')
      return notTold(place, read.unread, 'the CDK will say whether it is set up there');
    return { ...place, status: 'WILL_FAIL', found: `there is no parameter ${parameter}`, todo };
  }
  const version = /^\d{1,6}$/.test(read.value) ? Number(read.value) : undefined;
  if (version === undefined)
    return {
      ...place,
      status: 'NOT_TOLD',
      found: `the parameter ${parameter} is no number: ${read.value}`,
      todo,
    };
  return version >= lowest
    ? ok(place, `version ${version}; ${lowest} is needed`)
    : { ...place, status: 'WILL_FAIL', found: `version ${version}, and ${lowest} is needed`, todo };
};

const DEFAULT_QUALIFIER = 'hnb659fds';

/**
 * AWS leaves so many concurrent executions of a Region to functions that reserve none.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
const LEFT_UNRESERVED = 100;

/**
 * Whether the account has the concurrency that the functions reserve. `deployed`: what the functions of an earlier deployment
 * reserve, which the new ones take over; undefined where there is none.
 */
export const concurrencyRow = (
  region: string,
  planned: number,
  read: Read<{ limit: number; unreserved: number }>,
  deployed: Read<number> | undefined,
): PreflightRow => {
  const place = { about: 'Lambda concurrency', region };
  if (planned === 0) return ok(place, 'the functions reserve nothing');
  if (!read.ok)
    return notTold(place, read.unread, `whether ${planned} can be reserved for the functions is not known`);
  const { limit, unreserved } = read.value;
  const own = deployed?.ok ? deployed.value : 0;
  const left = unreserved + own - planned;
  const told = `the account may run ${counted(limit, 'function')} at once, of which ${unreserved} are not reserved${own > 0 ? ` and ${own} are those of this deployment` : ''}; ${planned} are to be reserved`;
  if (left >= LEFT_UNRESERVED) return ok(place, told);
  const needed = limit + LEFT_UNRESERVED - left;
  const todo = `AWS keeps ${LEFT_UNRESERVED} unreserved: ask for ${needed} or more (Service Quotas, Lambda, Concurrent executions, in ${region}), or deploy without reserving: pipewarden deploy … -- -c reservedConcurrency=none`;
  return deployed === undefined || deployed.ok
    ? { ...place, status: 'WILL_FAIL', found: told, todo }
    : {
        ...place,
        status: 'NOT_TOLD',
        found: `${told}; what the functions that are there reserve is not known (${unreadText(deployed.unread)})`,
        todo,
      };
};

/**
 * Whether Security Hub CSPM can take the findings.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html
 */
export const securityHubRow = (region: string, read: Read<unknown> | 'off'): PreflightRow => {
  const place = { about: 'Security Hub CSPM', region };
  if (read === 'off') return ok(place, 'the configuration sends it no findings');
  if (read.ok) return ok(place, 'it is on');
  const { code } = read.unread;
  if (code !== 'InvalidAccessException' && code !== 'ResourceNotFoundException')
    return notTold(place, read.unread, 'whether findings arrive in Security Hub is not known');
  return {
    ...place,
    status: 'WILL_BE_MISSING',
    found: `it is not on (${code}): findings reach the table, reports, alerts and the bus, and the alarm SecurityHubFailures goes off`,
    todo: `Switch it on (aws securityhub enable-security-hub --no-enable-default-standards --region ${region}; what it costs is on its pricing page), or write securityHub: { findings: off } into the configuration.`,
  };
};

const TYPE_NOT_FOUND = 'TypeNotFoundException';

/**
 * Whether CloudFormation knows in a Region all types of resources of the stacks there: archives, schedules and the like are not in
 * every Region.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeType.html
 */
export const typesRow = (region: string, reads: ReadonlyMap<string, Read<unknown>>): PreflightRow => {
  const place = { about: 'Resource types', region };
  const unread = [...reads].flatMap(([type, read]) => (read.ok ? [] : [{ type, ...read.unread }]));
  const absent = unread.filter(({ code }) => code === TYPE_NOT_FOUND);
  if (absent.length > 0)
    return {
      ...place,
      status: 'WILL_FAIL',
      found: `CloudFormation does not know ${listed(absent.map(({ type }) => type))} there`,
      todo:
        (absent.length === 1 && LEFT_OUT.get(absent[0]?.type ?? '')) ||
        'Choose another Region as the home Region (--region); it can watch this one (organization.regions).',
    };
  if (reads.size === 0)
    return {
      ...place,
      status: 'NOT_TOLD',
      found: 'the CDK has written no resources for the Region',
      todo: 'Run it again, and see what the CDK writes (npx cdk synth).',
    };
  const [first] = unread;
  if (first) return notTold(place, first, 'whether the Region has all types of resources is not known');
  return ok(place, `CloudFormation knows all ${counted(reads.size, 'type')} of the stacks`);
};

const ARCHIVE_TYPE = 'AWS::Events::Archive';

/** How a deployment does without a type of resource that a Region lacks. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  [ARCHIVE_TYPE, 'Deploy without archives: pipewarden deploy … -- -c archives=none'],
  ['AWS::CloudFormation::LambdaHook', 'Deploy without the hook: pipewarden deploy … without --hook.'],
]);

/** What is missing without archives. `types`: those of the resources of the main stack. */
export const archivesRow = (region: string, types: ReadonlySet<string>): PreflightRow | undefined =>
  types.has(ARCHIVE_TYPE)
    ? undefined
    : {
        about: 'Archives',
        region,
        status: 'WILL_BE_MISSING',
        found: 'the deployment keeps no events, so that none can be replayed',
        todo: 'Nothing, if that is wanted or the Region has no archives: a sweep finds what a replay would.',
      };

/** What is missing where no stack of the deployment is in the Region to which AWS sends the events of IAM and Organizations. */
export const iamEventsRow = (
  { region, partition }: Pick<PlannedStack, 'region' | 'partition'>,
  regions: readonly string[],
): PreflightRow | undefined => {
  const global = globalRegionOf(partition);
  if (region === global || regions.includes(global)) return undefined;
  return {
    about: 'Events of IAM',
    region: global,
    status: 'WILL_BE_MISSING',
    found: `AWS sends the events of IAM and Organizations to ${global} alone, and nothing forwards them from there`,
    todo: 'Nothing, if that is wanted or the Region is denied: a change of a role or an SCP is noticed with the next event of a pipeline that leads to it, or with the next sweep.',
  };
};

/**
 * Regions in which AWS publishes a Lambda layer for arm64. Lambda’s guide says that most Regions have arm64 and names none; no call
 * tells it. A test holds the list to that of aws-cdk-lib.
 * https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-extension-versions.html
 */
export const ARM64_REGIONS = [
  ...['af-south-1', 'ap-east-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1'],
  ...['ap-south-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ca-central-1', 'eu-central-1'],
  ...['eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'me-south-1'],
  ...['sa-east-1', 'us-east-1', 'us-east-2', 'us-gov-east-1', 'us-gov-west-1', 'us-west-1', 'us-west-2'],
] as const satisfies readonly string[];

/** Whether Lambda has arm64 in the home Region. `isDeployed`: the functions of an earlier deployment run there. */
export const arm64Row = (region: string, isDeployed: boolean): PreflightRow => {
  const place = { about: 'Lambda on arm64', region };
  if (isDeployed) return ok(place, 'an earlier deployment runs there');
  if (ARM64_REGIONS.some((known) => known === region)) return ok(place, 'AWS publishes layers for it there');
  return {
    ...place,
    status: 'NOT_TOLD',
    found: 'no call of AWS tells it, and most Regions have it',
    todo: 'Look at https://aws.amazon.com/lambda/pricing/ (Arm Price): it lists the Regions.',
  };
};

/** A type of resource that CloudFormation knows where X-Ray is. */
export const XRAY_TYPE = 'AWS::XRay::SamplingRule';

/**
 * Whether X-Ray, to which Lambda and Step Functions trace, is in the home Region. `read`: what CloudFormation says of `XRAY_TYPE`, where
 * functions are traced.
 */
export const tracingRow = (
  region: string,
  partition: string,
  read: Read<unknown> | 'untraced',
): PreflightRow => {
  const place = { about: 'X-Ray', region };
  if (read === 'untraced')
    return {
      ...place,
      status: 'WILL_BE_MISSING',
      found: 'the deployment is not traced',
      todo: 'Nothing, if that is wanted or the Region has no tracing: logs and metrics tell of each message.',
    };
  if (read.ok && partition === 'aws') return ok(place, 'X-Ray is in the Region');
  const isKnownAbsent = !read.ok && read.unread.code === TYPE_NOT_FOUND;
  if (!read.ok && !isKnownAbsent)
    return notTold(place, read.unread, 'whether functions can be traced is not known');
  return {
    ...place,
    status: 'NOT_TOLD',
    found: isKnownAbsent
      ? 'X-Ray is not in the Region, and what Lambda makes of a function with tracing there is not documented'
      : `whether functions can be traced is not documented for the partition ${partition}`,
    todo: 'To be sure, deploy without tracing: pipewarden deploy … -- -c tracing=none',
  };
};

/** A stack that is there, or why AWS did not tell; undefined where there is none. */
export type DeployedStack = Read<{ status: string; version?: string }> | undefined;

/**
 * What is said of a stack that is there already, by its state. `isKept`: the deployment keeps its findings in it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
 */
export const deployedRow = (
  { name, region }: Pick<PlannedStack, 'name' | 'region'>,
  stack: DeployedStack,
  { version, isKept = false }: { version: string; isKept?: boolean },
): PreflightRow | undefined => {
  const place = { about: `Stack ${name}`, region };
  if (stack === undefined)
    return isKept
      ? {
          ...place,
          status: 'WILL_FAIL',
          found: 'it is not there, so that no finding is kept in it',
          todo: `Give --state-stack the name of the stack with the findings (aws cloudformation list-stacks --region ${region} --query 'StackSummaries[].StackName'), or leave it out.`,
        }
      : undefined;
  if (!stack.ok) return notTold(place, stack.unread, 'whether the stack is there already is not known');
  const { status } = stack.value;
  const isOf = `--region ${region} --stack-name ${shellText(name)}`;
  if (status.endsWith('_COMPLETE') && isStackMade(status)) {
    const from = stack.value.version === undefined ? '' : ` from version ${stack.value.version}`;
    return ok(place, `it is there (${status}) and is updated${from} to ${version}`);
  }
  if (status === 'REVIEW_IN_PROGRESS') return ok(place, `nothing was made of it yet (${status})`);
  // The CDK deletes such a stack, in which nothing is left, and makes it again.
  if (status === 'ROLLBACK_COMPLETE')
    return ok(place, `it could not be made before (${status}), and is made again`);
  if (status.endsWith('_IN_PROGRESS'))
    return {
      ...place,
      status: 'WILL_FAIL',
      found: `it is ${status}`,
      todo: 'Wait until CloudFormation is done with it, and run it again.',
    };
  const events = `aws cloudformation describe-stack-events ${isOf}`;
  const command = STUCK.get(status);
  if (command !== undefined)
    return {
      ...place,
      // The CDK deletes such a stack by itself, which may succeed now.
      status: status === 'ROLLBACK_FAILED' ? 'NOT_TOLD' : 'WILL_FAIL',
      found: `it is ${status}`,
      todo: `Mend what its events name (${events}), and run aws cloudformation ${command} ${isOf}`,
    };
  return {
    ...place,
    status: 'NOT_TOLD',
    found: `it is ${status || 'in a state that AWS did not tell'}, in which it may take no update`,
    todo: `See what its events say (${events}), and run it again when its state ends in COMPLETE.`,
  };
};

/**
 * What leads out of the states in which a stack takes no update, or in which the CDK asks a person whether to roll it back and ends
 * where nobody can answer.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
 */
const STUCK: ReadonlyMap<string, string> = new Map([
  ['CREATE_FAILED', 'rollback-stack'],
  ['UPDATE_FAILED', 'rollback-stack'],
  ['ROLLBACK_FAILED', 'delete-stack'],
  ['UPDATE_ROLLBACK_FAILED', 'continue-update-rollback'],
  ['DELETE_FAILED', 'delete-stack'],
]);

/**
 * Whether what the template of a stack contains is there, by the state of the stack; undefined where the state does not tell.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
 */
export const isStackMade = (status: string): boolean | undefined => {
  if (/^(?:CREATE|(?:UPDATE|IMPORT)(?:_ROLLBACK)?)_COMPLETE(?:_CLEANUP_IN_PROGRESS)?$/.test(status))
    return true;
  return /^(?:ROLLBACK_COMPLETE|REVIEW_IN_PROGRESS)$/.test(status) ? false : undefined;
};

/** A hub whose rules send events of this account to it. */
export type WatchingHub = { account: string; region: string };

/**
 * Whether another hub watches the account already. Each hub has rules of its own, so that none exceeds the five targets that a
 * rule may have; but findings of the account are told by both.
 */
export const hubsRow = (
  region: string,
  read: Read<readonly WatchingHub[]>,
  own: WatchingHub,
): PreflightRow => {
  const place = { about: 'Other hubs', region };
  if (!read.ok) {
    const row = notTold(place, read.unread, 'whether another hub watches this account already is not known');
    return read.unread.code === INCOMPLETE
      ? {
          ...row,
          todo: `See for yourself which rules of the default bus send to the bus of another hub: aws events list-rules --region ${region}`,
        }
      : row;
  }
  const others = read.value.filter((hub) => !(hub.account === own.account && hub.region === own.region));
  if (others.length === 0) return ok(place, 'no rule of another hub is on the default bus');
  const names = listed(others.map((hub) => `account ${hub.account} (${hub.region})`));
  return ok(place, `the hub of ${names} watches this account too: both tell what they find`);
};
