import { CfnOutput, Fn, type Stack } from 'aws-cdk-lib';

/**
 * Tells a value to other stacks by an output, and how they read it: when they are deployed, so that the output can change or go
 * without them. The export is for stacks of version 0.1.0, which import it: CloudFormation takes away no export that is in use, so
 * that this version, in which nothing imports it any more, has to be deployed before one without exports.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
 */
export const toldOtherStacks = (stack: Stack, name: string, value: string): string => {
  new CfnOutput(stack, name, { value, exportName: `${stack.stackName}-${name}` });
  return Fn.getStackOutput(stack.stackName, name);
};
