import { readTemplates, type TemplateInput } from '../../../shared/declared/cloudformation/read-templates.ts';
import type { Declared, DeclaredResource, Hole } from '../../../shared/declared/declared.ts';
import type { Json } from '../../../shared/json/json.ts';

/** What a template declares with the given values of its holes, which holes it asks for, and its problems as `line:column: what`. */
export type FromTemplate = {
  declared: Declared;
  resources: readonly DeclaredResource[];
  holes: ReadonlyMap<string, Hole>;
  problems: string[];
};

export const STACK = { name: 'train', account: '111122223333', region: 'eu-west-1' };

/** Holes without a given value, default or allowed value are their names in angle brackets. */
export const fromTemplates = (
  inputs: readonly TemplateInput[],
  values: Readonly<Record<string, string>> = {},
): FromTemplate => {
  const holes = new Map<string, Hole>();
  const { declare, problems } = readTemplates(inputs);
  const declared = declare((hole) => {
    holes.set(hole.name, hole);
    return values[hole.name] ?? hole.byDefault ?? hole.values?.[0] ?? `<${hole.name}>`;
  });
  const placed = [...problems, ...declared.problems].map(({ file, pointer, message }) => {
    const { line, column } = file.places([pointer]).get(pointer) ?? { line: 0, column: 0 };
    return `${line}:${column}: ${message}`;
  });
  return { declared, resources: declared.resources, holes, problems: placed };
};

/** The same of one template, as a text or as values, of a stack whose name, account and Region are known. */
export const fromTemplate = (
  template: string | object,
  values: Readonly<Record<string, string>> = {},
  input: Partial<TemplateInput> = {},
): FromTemplate => {
  const text = typeof template === 'string' ? template : JSON.stringify(template);
  return fromTemplates([{ path: 'template.yaml', text, stack: STACK, ...input }], values);
};

/** The value of an expression where the definition of a pipeline holds it; undefined where the definition is unknown. */
export const valueIn = (
  expression: unknown,
  sections: Readonly<Record<string, unknown>> = {},
  values: Readonly<Record<string, string>> = {},
): { value: Json | undefined; holes: FromTemplate['holes']; problems: string[] } => {
  const { Resources: more = {}, ...others } = sections;
  const { resources, holes, problems } = fromTemplate(
    {
      ...others,
      Resources: {
        ...(more as object),
        P: {
          Type: 'AWS::SageMaker::Pipeline',
          Properties: {
            PipelineName: 'p',
            RoleArn: 'r',
            PipelineDefinition: { PipelineDefinitionBody: { value: expression } },
          },
        },
      },
    },
    values,
  );
  const pipeline = resources.find(({ type, address }) => type === 'pipeline' && address === 'P');
  const entry = pipeline?.type === 'pipeline' ? pipeline.entry : {};
  const { PipelineDefinition: definition } = entry as { PipelineDefinition?: { value?: Json } };
  return { value: definition?.value, holes, problems };
};
