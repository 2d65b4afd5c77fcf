import { type ResolveScope, resolveScope } from '../../../shared/definition/expression.ts';
import { parseDefinition, type Step } from '../../../shared/definition/parse.ts';
import type { Json } from '../../../shared/json/json.ts';

export const ROLE = 'arn:aws:iam::111122223333:role/step';
export const EXECUTION_ROLE = 'arn:aws:iam::111122223333:role/execution';
export const ID = { Get: 'Execution.PipelineExecutionId' };
export const joined = (on: string, ...values: Json[]) => ({ 'Std:Join': { On: on, Values: values } });
export const parameter = (name: string) => ({ Get: `Parameters.${name}` });
export const ofStep = (path: string) => ({ Get: `Steps.${path}` });

export const scopeOf = (text: string): ResolveScope => {
  const parsed = parseDefinition(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return resolveScope(parsed.definition, 'fraud');
};
export type RawStep = { Name?: string; Type: string; Arguments?: object; DependsOn?: string[] };
export const scopeOfSteps = (...steps: RawStep[]): ResolveScope =>
  scopeOf(
    JSON.stringify({
      Parameters: [
        { Name: 'Bucket', Type: 'String', DefaultValue: 'acme-data' },
        { Name: 'Role', Type: 'String', DefaultValue: ROLE },
        { Name: 'None', Type: 'String', DefaultValue: '' },
        { Name: 'Unset', Type: 'String' },
      ],
      Steps: steps.map((step, index) => ({ Name: `S${index}`, ...step })),
    }),
  );

/** The step with that name, or the last step. */
export const stepOf = ({ definition }: ResolveScope, name?: string): Step => {
  const step =
    name === undefined ? definition.steps.at(-1) : definition.steps.find((each) => each.name === name);
  if (!step) throw new Error(`no step ${name}`);
  return step;
};
export const channel = (S3Uri: Json, S3DataType = 'S3Prefix') => ({
  DataSource: { S3DataSource: { S3DataType, S3Uri } },
});
export const processingInput = (S3Uri: Json, InputName = 'in') => ({
  InputName,
  S3Input: { S3Uri, S3DataType: 'S3Prefix' },
});
export const processingOutput = (S3Uri: Json, OutputName = 'out') => ({ OutputName, S3Output: { S3Uri } });
export const processing = (inputs: Json[], outputs: Json[] = []): RawStep => ({
  Type: 'Processing',
  Arguments: {
    ProcessingInputs: inputs.map((uri) => processingInput(uri)),
    ProcessingOutputConfig: { Outputs: outputs.map((uri, index) => processingOutput(uri, `out${index}`)) },
  },
});
export const training = (args: object = {}): RawStep => ({
  Type: 'Training',
  Arguments: {
    TrainingJobName: 'fraud',
    OutputDataConfig: { S3OutputPath: 's3://acme-data/models/' },
    ...args,
  },
});
