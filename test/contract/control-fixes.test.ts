import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DESCRIBED_CONTROLS } from '../../shared/controls/texts.ts';
import { describeWith } from '../support/jest/tools.ts';
import { faultsBy } from '../support/python/faults.ts';

const ROOT = join(import.meta.dirname, '../..');
const fixes = DESCRIBED_CONTROLS.map(({ id, fix }) => ({ id, ...fix }));

describe('fixes for the shell', () => {
  test.each(fixes)('$id', ({ cli }) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: cli, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describeWith('moto', 'fixes by the AWS CLI', () => {
  const faultsOf = (scripts: readonly string[]) => faultsBy('moto', 'validate_cli.py', scripts);

  test('botocore knows their operations and options', () => {
    expect(faultsOf(fixes.map(({ cli }) => cli))).toEqual(fixes.map(() => []));
  });

  test('botocore refuses other operations and options', () => {
    const wrong = [
      'aws sagemakr describe-pipeline',
      'aws sagemaker mend-pipeline',
      'aws sagemaker describe-pipeline --pipeline x # comment',
      "# comment\naws s3api put-bucket-cors \\\n  --bucket 'a;b' | cat",
    ];
    expect(faultsOf(wrong)).toEqual([
      ['there is no service sagemakr'],
      ['sagemaker has no operation mend-pipeline'],
      [
        'sagemaker describe-pipeline has no option --pipeline',
        'sagemaker describe-pipeline lacks --pipeline-name',
      ],
      ['s3api put-bucket-cors lacks --cors-configuration'],
    ]);
  });
});

describeWith('moto', 'fixes by Python', () => {
  const faultsOf = (texts: readonly string[]) => faultsBy('moto', 'validate_python.py', texts);

  test('parse, and botocore knows the methods and parameters of their clients', () => {
    expect(faultsOf(fixes.map(({ python }) => python))).toEqual(fixes.map(() => []));
  });

  test('others do not', () => {
    expect(
      faultsOf([
        'import boto3\nboto3.client("iam").put_role_polic()',
        'import boto3\niam = boto3.client("iam")\niam.untag_role(RoleName="a", Tags=[])',
        'pipeline = Pipeline(name="a"',
      ]),
    ).toEqual([
      ['iam has no method put_role_polic'],
      ['iam.untag_role has no parameter Tags', 'iam.untag_role lacks TagKeys'],
      [expect.stringMatching(/^line 1: /)],
    ]);
  });
});

describeWith('the validators of formats', 'fixes by Terraform', () => {
  const faultsOf = (texts: readonly string[]) => faultsBy('formats', 'validate_terraform.py', texts);

  test('parse', () => {
    expect(faultsOf(fixes.map(({ terraform }) => terraform))).toEqual(fixes.map(() => []));
  });

  test('others do not', () => {
    expect(faultsOf(['resource "aws_iam_role" "a" {', 'resource {{}}'])).toEqual([
      [expect.any(String)],
      [expect.any(String)],
    ]);
  });
});

describe('fixes by the CDK', () => {
  let folder = '';
  beforeAll(() => {
    mkdirSync(join(ROOT, 'out'), { recursive: true });
    folder = mkdtempSync(join(ROOT, 'out/control-fixes-')); // inside the checkout, so that aws-cdk-lib is found
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const IMPORT = /^import [^;]*;\n/gm;

  /** The code in the constructor of a stack, where a reader would put it. */
  const inStack = (code: string): string =>
    [
      ...(code.match(IMPORT) ?? []),
      "import { Stack as FixedStack } from 'aws-cdk-lib';",
      'export class Fixed extends FixedStack {',
      '  constructor() {',
      '    super();',
      code.replace(IMPORT, ''),
      '  }',
      '}',
    ].join('\n');

  /** Errors about names that the reader's own stack would define. */
  const isOfReader = (error: string): boolean => /error TS(2304|2552|18004):/.test(error);

  const typeErrors = (codes: Record<string, string>): string[] => {
    for (const [id, code] of Object.entries(codes)) writeFileSync(join(folder, `${id}.ts`), inStack(code));
    const compilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: true, target: 'es2024', module: 'nodenext' },
      types: ['node'],
    };
    const files = Object.keys(codes).map((id) => `${id}.ts`);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const { stdout } = spawnSync('npx', ['tsc', '--pretty', 'false', '-p', folder], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    return stdout.split('\n').filter((line) => /: error TS/.test(line) && !isOfReader(line));
  };

  test('fit the types of aws-cdk-lib', () => {
    expect(typeErrors(Object.fromEntries(fixes.map(({ id, cdk }) => [id, cdk])))).toEqual([]);
  });

  test('and other code does not', () => {
    const wrong =
      "import { aws_sagemaker as sagemaker } from 'aws-cdk-lib';\nnew sagemaker.CfnPipeline(this, 'A', { name: 'a', pipelineDefinition: {}, roleArn });";
    expect(typeErrors({ wrong })).toEqual([expect.stringMatching(/'name' does not exist/)]);
  });
});
