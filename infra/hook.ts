import { Duration } from 'aws-cdk-lib';
import { CfnLambdaHook } from 'aws-cdk-lib/aws-cloudformation';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { stackNames } from '../shared/domain/deployment-names.ts';
import type { Base } from './base.ts';
import { calledOnlyBy, functionFor } from './function.ts';
import type { Settings } from './settings.ts';

/** The service that assumes the role with which a hook is called. */
export const HOOKS_SERVICE = 'hooks.cloudformation.amazonaws.com';

/**
 * CloudFormation waits for 30 seconds, and takes what has not answered by then for a failure.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/hooks-concepts.html
 */
const TIMEOUT = Duration.seconds(28);

/** Of so many resources of stacks the hook is asked at the same time; the stacks of one account make few at once. */
const CONCURRENCY = 10;

/** The types of resources that are judged, or change what is judged of others. */
const TARGETS = [
  'AWS::IAM::Group',
  'AWS::IAM::GroupPolicy',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IAM::RolePolicy',
  'AWS::IAM::User',
  'AWS::IAM::UserPolicy',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SageMaker::Model',
  'AWS::SageMaker::ModelPackage',
  'AWS::SageMaker::Pipeline',
  'AWS::SageMaker::ProcessingJob',
];

/** The stacks of the deployment in its home Region. They are named one by one: who could choose such a name would go unjudged. */
const ownStacks = ({ stackPrefix, stateStack, members }: Settings): string[] => {
  const names = stackNames(stackPrefix, stateStack);
  return [names.main, names.state, ...(members ? [names.members] : [])];
};

/** The function that CloudFormation asks before it deploys something. */
export const hookFunction = (base: Base, logGroup: LogGroup): LambdaFunction => {
  const { stack, settings, state, common, inventories } = base;
  return functionFor(stack, 'Hook', settings, {
    description: 'Judges stacks and resources before CloudFormation deploys them',
    // One whole processor: somebody waits for the answer.
    memorySize: 1769,
    timeout: TIMEOUT,
    role: base.roleOf('hook'),
    logGroup,
    reserved: CONCURRENCY,
    failures: 'CloudFormation waits for its answer, and asks again up to three times',
    environment: {
      ...common,
      FINDINGS_TABLE: state.findings.name,
      INVENTORY_QUEUE_URL: inventories.queue.queueUrl,
      HOOK_SEVERITY: settings.hookSeverity ?? 'HIGH',
      HOOK_UNJUDGED: settings.hook === 'strict' ? 'refuse' : 'pass',
      OWN_STACKS: ownStacks(settings).join(','),
    },
  });
};

/**
 * The hooks that call it: one for templates and change sets, and one for resources of the types that are judged, for which CloudFormation
 * calls it once each. A third one only ever warns, of what is wrong once such a resource is deleted, so that a function that fails keeps no
 * stack from being deleted. Names of stacks filter nothing of the Cloud Control API, which knows none.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-lambdahook.html
 * https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/hooks-stack-level-filtering.html
 */
export const hooks = (base: Base, called: LambdaFunction): void => {
  const { stack, settings, roleOf } = base;
  const caller = roleOf('hookCaller');
  calledOnlyBy('Hook', called, settings, [caller]);
  const prefix = (settings.stackPrefix ?? '').replaceAll('-', '');
  const hook = (
    name: string,
    targetOperations: string[],
    { actions = ['CREATE', 'UPDATE'], targetNames }: { actions?: string[]; targetNames?: string[] } = {},
  ): void => {
    const made = new CfnLambdaHook(stack, `${name}Hook`, {
      // One of that name in an account and Region.
      alias: `${prefix}Pipewarden::Hook::${name}`,
      hookStatus: 'ENABLED',
      failureMode: settings.hook === 'warn' || actions.includes('DELETE') ? 'WARN' : 'FAIL',
      lambdaFunction: called.functionArn,
      executionRole: caller.roleArn,
      targetOperations,
      stackFilters: { filteringCriteria: 'ALL', stackNames: { exclude: ownStacks(settings) } },
    });
    // The construct insists on `Targets`, beside which there may be no such lists.
    made.addPropertyOverride('TargetFilters', {
      Actions: actions,
      ...(targetNames && { TargetNames: targetNames }),
    });
  };
  hook('Stacks', ['STACK', 'CHANGE_SET']);
  const ofResources = ['RESOURCE', 'CLOUD_CONTROL'];
  hook('Resources', ofResources, { targetNames: TARGETS });
  hook('Deletions', ofResources, { actions: ['DELETE'], targetNames: TARGETS });
};
