import { isObject } from '../../../shared/json/json.ts';
import { ACCOUNT, REGION } from './synthesised.ts';

/** A template as CloudFormation takes it. */
export type TemplateJson = {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: string } }>;
};

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The ARN of a resource type, with the logical id as the name. */
const ARNS: Readonly<Record<string, (id: string) => string>> = {
  'AWS::SQS::Queue': (id) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${id}`,
  'AWS::SNS::Topic': (id) => `arn:aws:sns:${REGION}:${ACCOUNT}:${id}`,
  'AWS::Lambda::Function': (id) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${id}`,
  'AWS::Logs::LogGroup': (id) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${id}:*`,
  'AWS::DynamoDB::GlobalTable': (id) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${id}`,
  'AWS::KMS::Key': (id) => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}`,
  'AWS::S3::Bucket': (id) => `arn:aws:s3:::${id.toLowerCase()}`,
  'AWS::Events::EventBus': (id) => `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${id}`,
  'AWS::Events::Rule': (id) => `arn:aws:events:${REGION}:${ACCOUNT}:rule/${id}`,
};

/**
 * The value that CloudFormation would compute for an expression, with logical ids as names. `others`: the templates of other stacks,
 * by their names. Throws for unknown expressions.
 */
export const templateValue = (
  value: unknown,
  template: TemplateJson,
  others: Readonly<Record<string, TemplateJson>> = {},
): string => {
  const inner = (each: unknown) => templateValue(each, template, others);
  if (typeof value === 'string') return value;
  const [[name, of] = ['', undefined]] = isObject(value) ? Object.entries(value) : [];
  if (name === 'Ref') return PSEUDO[String(of)] ?? reference(String(of), undefined, template);
  if (name === 'Fn::GetAtt' && Array.isArray(of)) return reference(String(of[0]), String(of[1]), template);
  if (name === 'Fn::Join' && Array.isArray(of)) return (of[1] as unknown[]).map(inner).join(String(of[0]));
  if (name === 'Fn::Sub')
    return String(of).replaceAll(/\$\{([\w:]+)\}/g, (_, key: string) => PSEUDO[key] ?? key);
  if (name === 'Fn::GetStackOutput') {
    const { StackName, OutputName } = of as { StackName: string; OutputName: string };
    const other = others[StackName];
    const output = other?.Outputs?.[OutputName];
    if (other && output) return templateValue(output.Value, other, others);
  }
  throw new Error(`not known to this test: ${JSON.stringify(value)}`);
};

const reference = (id: string, attribute: string | undefined, { Resources }: TemplateJson): string => {
  const type = Resources[id]?.Type ?? '';
  const arn = ARNS[type]?.(id);
  if (arn === undefined) throw new Error(`${id} of type ${type} has no ARN that this test knows`);
  if (attribute === 'StreamArn') return `${arn}/stream/1`;
  return attribute === 'Arn' || type === 'AWS::SNS::Topic' ? arn : id;
};
