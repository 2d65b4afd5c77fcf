import { expect, test } from '@jest/globals';
import {
  actionNames,
  globalKeys,
  keyNamed,
  REFERENCE_DATE,
  SERVICES,
  servicePrefixes,
} from '../../../../shared/iam/lint/service-reference.ts';
import { globText } from '../../../../shared/iam/policy/glob.ts';

// One test, as the table of a service is read once: what it came to is seen here in full.
test('the service reference contains actions, resource types, condition keys and prefixes', () => {
  const actionOf = (prefix: string, name: string) => {
    const action = SERVICES.get(prefix)?.().actions.get(name);
    return (
      action && {
        name: action.name,
        types: action.types.map((type) => `${type.name} ${globText(type.pattern)}`),
        keys: action.keys.map((key) => `${key.name} ${key.type}${key.isMultiValued ? 's' : ''}`),
      }
    );
  };
  expect(actionOf('sagemaker', 'startpipelineexecution')).toEqual({
    name: 'StartPipelineExecution',
    types: ['pipeline arn:*:sagemaker:*:*:pipeline/*'],
    keys: expect.arrayContaining(['sagemaker:PipelineVersionId String', 'sagemaker:ResourceTag/* String']),
  });
  expect(actionOf('sagemaker', 'createtrainingjob')?.keys).toEqual(
    expect.arrayContaining([
      'sagemaker:InterContainerTrafficEncryption Bool',
      'sagemaker:InstanceTypes Strings',
      'sagemaker:MaxRuntimeInSeconds Numeric',
    ]),
  );
  expect(actionOf('sagemaker', 'listpipelines')).toEqual({ name: 'ListPipelines', types: [], keys: [] });
  expect(actionOf('s3', 'getobject')?.types).toContain('object arn:*:s3:::*/*');
  expect(actionOf('iam', 'passrole')).toMatchObject({ types: ['role arn:*:iam::*:role/*'] });
  expect(actionOf('iam', 'passrole')?.keys).toContain('iam:PassedToService String');
  expect(new Set(actionOf('iam', 'passrole')?.keys).size).toBe(actionOf('iam', 'passrole')?.keys.length);
  expect(actionOf('sagemaker', 'createpipelin')).toBeUndefined();
  expect([...SERVICES.keys()]).toEqual(expect.arrayContaining(['iam', 's3', 'sagemaker', 'sts']));
  expect(servicePrefixes().has('dynamodb')).toBe(true);
  expect(actionNames('dynamodb')?.get('getitem')).toEqual({ name: 'GetItem', takesResource: true });
  expect(actionNames('ec2')?.get('describeinstances')).toEqual({
    name: 'DescribeInstances',
    takesResource: false,
  });
  expect(actionNames('sagemaker')?.get('listpipelines')?.takesResource).toBe(false);
  expect(actionNames('ses')).toBeUndefined();
  expect(SERVICES.get('iam')?.().actions.get('passrole')?.needsResource).toBe(true);
  expect(SERVICES.get('sagemaker')?.().actions.get('listpipelines')?.needsResource).toBe(false);
  expect(servicePrefixes().has('sagmaker')).toBe(false);
  const globals = new Map(
    globalKeys().map(({ name, type, isMultiValued }) => [name, `${type}${isMultiValued ? 's' : ''}`]),
  );
  expect(
    Object.fromEntries(
      [...globals].filter(([name]) => !/^aws:(?:Principal|Resource|Source|Vp|Called|Is)/.test(name)),
    ),
  ).toMatchObject({
    'aws:CurrentTime': 'Date',
    'aws:SecureTransport': 'Bool',
    'aws:MultiFactorAuthAge': 'Numeric',
    'aws:TagKeys': 'Strings',
    'aws:RequestTag/*': 'String',
  });
  expect([globals.get('aws:SourceIp'), globals.get('aws:PrincipalArn')]).toEqual(['IPAddress', 'ARN']);
  expect(keyNamed(globalKeys(), 'AWS:requesttag/Team')?.name).toBe('aws:RequestTag/*');
  expect(keyNamed(globalKeys(), 'aws:requesttag')).toBeUndefined();
  expect(REFERENCE_DATE).toMatch(/^\d{4}-\d\d-\d\d$/);
});
