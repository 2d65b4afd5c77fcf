import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readBinaryPlan } from '../../shared/declared/terraform/binary-plan.ts';
import { readJsonPlan } from '../../shared/declared/terraform/json-plan.ts';
import type { Plan } from '../../shared/declared/terraform/plan.ts';
import type { Json } from '../../shared/json/json.ts';
import { EXPRESSIONS, NAMES } from '../support/plans/expressions.ts';

const env = {
  ...process.env,
  CHECKPOINT_DISABLE: '1',
  TF_IN_AUTOMATION: '1',
  TF_CLI_CONFIG_FILE: '/dev/null',
};
const has = (program: string): boolean => spawnSync(program, ['version'], { env }).status === 0;
const program = ['terraform', 'tofu'].find(has);

/** Nothing here needs a provider but the one that Terraform has in it, so that nothing is fetched. */
const describeWithTerraform = program
  ? describe
  : (title: string, body: () => void) =>
      describe.skip(`${title} (neither terraform nor tofu is on this machine)`, body);

const MAIN = `${NAMES}
resource "terraform_data" "one" {
  input = { name = var.name, list = var.list, tags = toset(["b", "a"]) }
}
resource "terraform_data" "many" {
  count = 2
  input = "\${terraform_data.one.id}-\${count.index}"
}
resource "terraform_data" "each" {
  for_each = { "a b" = 1, "c\\"d$\${x}" = 2 }
  input    = { key = each.key, open = terraform_data.one.output, deep = [{ id = terraform_data.one.id }] }
}
module "inner" {
  source   = "./modules/inner"
  for_each = toset(["x", "y.z"])
  value    = each.key
}
`;
const INNER = `variable "value" {}
resource "terraform_data" "in" {
  input            = var.value
  triggers_replace = [sensitive("hush")]
}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pipewarden-terraform-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (where: string, ...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync(program ?? '', args, {
    cwd: where,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
};

/** Plans a configuration: the file of the plan, and its JSON. */
const planned = (name: string, files: Record<string, string>): { bytes: Uint8Array; json: string } => {
  const where = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(where, path)), { recursive: true });
    writeFileSync(join(where, path), text);
  }
  run(where, 'init', '-input=false', '-no-color');
  run(where, 'plan', '-input=false', '-no-color', '-out', 'plan');
  return { bytes: readFileSync(join(where, 'plan')), json: run(where, 'show', '-json', 'plan') };
};

/** What both forms of a plan tell of a resource. Of what is unknown, one tells nothing and the other null. */
const told = ({ resources, variables }: Plan) => ({
  variables: Object.fromEntries(variables),
  resources: Object.fromEntries(
    resources.map(({ address, module, type, name, key, values, unknown }) => [
      address,
      { module, type, name, key, values: withoutNull(values), unknown: withoutFalse(unknown) },
    ]),
  ),
});
const pruned =
  (isLeft: (value: Json) => boolean) =>
  (value: Json): Json => {
    if (Array.isArray(value)) return value.map(pruned(isLeft));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, each]) => [key, pruned(isLeft)(each)] as const)
        .filter(([, each]) => isLeft(each)),
    );
  };
const withoutNull = pruned((value) => value !== null);
const withoutFalse = pruned((value) => value !== false && JSON.stringify(value).includes('true'));

describeWithTerraform('plans of Terraform itself', () => {
  test('tell the same in both forms', () => {
    const { bytes, json } = planned('forms', { 'main.tf': MAIN, 'modules/inner/main.tf': INNER });
    const fromFile = readBinaryPlan('plan', bytes);
    const fromJson = readJsonPlan('plan.json', json);
    if (!fromFile.ok || !fromJson.ok) throw new Error(JSON.stringify([fromFile, fromJson]));
    const { plan, sources, manifest } = fromFile.value;
    expect(plan.workspace).toBe('default');
    const [file, other] = [told(plan), told(fromJson.value)];
    expect(file.resources).toEqual(other.resources);
    expect(Object.keys(file.resources).toSorted()).toEqual([
      'module.inner["x"].terraform_data.in',
      'module.inner["y.z"].terraform_data.in',
      'terraform_data.each["a b"]',
      'terraform_data.each["c\\"d$${x}"]',
      'terraform_data.many[0]',
      'terraform_data.many[1]',
      'terraform_data.one',
    ]);
    // The file tells the variables that somebody gave; the defaults are in its sources.
    expect(other.variables).toMatchObject(file.variables);
    expect(manifest).toMatchObject([
      { Key: '', Dir: '.' },
      { Key: 'inner', Dir: 'modules/inner' },
    ]);
    expect(sources.text('m-/main.tf')).toBe(MAIN);
    expect(sources.text('m-inner/main.tf')).toBe(INNER);
  });

  test('give expressions the values that the table of them has', () => {
    const outputs = EXPRESSIONS.map(([text], index) => `output "o${index}" {\n  value = ${text}\n}\n`);
    const { json } = planned('expressions', { 'main.tf': `${NAMES}${outputs.join('')}` });
    const values = (JSON.parse(json) as { planned_values: { outputs: Record<string, { value: Json }> } })
      .planned_values.outputs;
    expect(EXPRESSIONS.map(([text], index) => [text, values[`o${index}`]?.value ?? null])).toEqual(
      EXPRESSIONS,
    );
  });
});
