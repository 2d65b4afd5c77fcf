import { isObject, type Json, member } from '../shared/json/json.ts';

/** How to come from a program or a template to a definition that can be judged. */
const WRITE =
  'write what pipeline.definition() gives into a file, or pipe it: python pipeline.py | pipewarden lint -';

/** What files with an ending are, and what to do with them. */
const BY_ENDING: readonly [RegExp, string][] = [
  [/\.py$/i, `it is a program: ${WRITE}`],
  [/\.ipynb$/i, `it is a notebook: ${WRITE}`],
  [
    /\.ya?ml$/i,
    'it is YAML, and a definition is JSON: of a CloudFormation template, take the PipelineDefinitionBody; of a YAML of your own, what your tool makes of it',
  ],
  [
    /\.(?:tf|hcl)$/i,
    'it is Terraform: take the pipeline_definition, as terraform show -json has it, into a file of its own',
  ],
  [
    /\.(?:tftpl|tpl|tmpl|template|j2|jinja2?)$/i,
    'it is a template that is no JSON before it is filled in: fill it in with your tool, and lint what that makes',
  ],
  [/\.(?:ts|js|mjs|cjs|java|go|rb|sh)$/i, 'it is a program: write the definition that it makes into a file'],
];

/** What to do with a file that is no definition, as a clause; empty where nothing is known of it. */
export const adviceFor = (path: string, json: Json | undefined): string => {
  const byContent = json === undefined ? undefined : ofContent(json);
  const advice = byContent ?? BY_ENDING.find(([ending]) => ending.test(path))?.[1];
  return advice === undefined ? '' : `; ${advice}`;
};

const ofContent = (json: Json): string | undefined => {
  if (Array.isArray(member(json, 'cells'))) return `it is a notebook: ${WRITE}`;
  const resources = member(json, 'Resources');
  if (isObject(resources))
    return 'it is a CloudFormation template: take the PipelineDefinitionBody of each AWS::SageMaker::Pipeline, parsed, into a file of its own';
  if (
    ['planned_values', 'resource_changes', 'terraform_version'].some((key) => member(json, key) !== undefined)
  )
    return 'it is a plan of Terraform: take the pipeline_definition of each aws_sagemaker_pipeline, parsed, into a file of its own';
  return undefined;
};
