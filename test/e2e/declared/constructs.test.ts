import { expect, test } from '@jest/globals';
import type { Log } from 'sarif';
import { inFolder, run } from '../../support/commands/cli.ts';

const ASSEMBLY = {
  'cdk.out/manifest.json': {
    version: '55.0.0',
    artifacts: {
      Ml: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://111122223333/eu-west-1',
        properties: { templateFile: 'Ml.template.json' },
        additionalMetadataFile: 'Ml.metadata.json',
      },
    },
  },
  'cdk.out/Ml.metadata.json': {
    '/Ml/Worker/Resource': [
      { type: 'aws:cdk:logicalId', data: 'Worker1' },
      { type: 'aws:cdk:creationStack', data: ['...new Role2 in aws-cdk-lib...', 'lib/ml.ts:12:5'] },
    ],
  },
  'cdk.out/Ml.template.json': {
    Resources: {
      Worker1: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'worker',
          AssumeRolePolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'sagemaker.amazonaws.com' },
                Action: 'sts:AssumeRole',
              },
              { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
            ],
          },
        },
      },
    },
  },
  'pipewarden.yaml': { version: 1, roles: { execution: ['arn:aws:iam::111122223333:role/worker'] } },
};

test('a finding on a cdk.out names the construct and the code that makes it, in the table and in SARIF', () =>
  inFolder(ASSEMBLY, async (cwd) => {
    const args = ['audit', '--template', 'cdk.out', '--control', 'execution-role-trust'];
    const { stdout } = await run(args, { cwd });
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /cdk\.out\/Ml\.template\.json:\d+:\d+ .*\(construct Ml\/Worker\/Resource, made at lib\/ml\.ts:12:5\)/,
    );
    const sarif = JSON.parse((await run([...args, '--format', 'sarif'], { cwd })).stdout) as Log;
    const [result] = sarif.runs[0]?.results?.filter(({ ruleId }) => ruleId === 'execution-role-trust') ?? [];
    expect(result?.locations?.[0]?.logicalLocations).toContainEqual({
      name: 'Resource',
      fullyQualifiedName: 'Ml/Worker/Resource',
      kind: 'construct',
    });
    expect(result?.relatedLocations?.[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'lib/ml.ts' },
      region: { startLine: 12, startColumn: 5 },
    });
  }));
