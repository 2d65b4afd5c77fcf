import type { Hole } from '../declared.ts';

/**
 * The name of a stack, where nothing tells it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html
 */
export const STACK_HOLE: Hole = {
  name: 'AWS::StackName',
  parameter: 'AWS::StackName',
  by: 'given',
  tell: 'give --parameter AWS::StackName=…',
};
