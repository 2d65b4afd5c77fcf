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

/** The end of the names of AWS’s hosts in a partition. */
export const suffixOf = (partition: string): string => SUFFIXES[partition] ?? 'amazonaws.com';
const SUFFIXES: Readonly<Record<string, string>> = {
  'aws-cn': 'amazonaws.com.cn',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-iso-e': 'cloud.adc-e.uk',
  'aws-iso-f': 'csp.hci.ic.gov',
  'aws-eusc': 'amazonaws.eu',
};
