import { describe, expect, test } from '@jest/globals';
import type { DeclaredResource, Hole } from '../../../shared/declared/declared.ts';
import { filling, token } from '../../../shared/declared/fill.ts';
import { fillingsOf } from '../../../shared/declared/fillings.ts';
import { strangers } from '../../../shared/declared/strangers.ts';
import type { Json } from '../../../shared/json/json.ts';
import { declaredIn } from '../../support/builders/declared-in.ts';

const of = declaredIn('template.yaml');
const { scope } = of;

const role = (name: string, entry: Json, account = scope.account): DeclaredResource => ({
  ...of,
  scope: { ...scope, account },
  type: 'role',
  address: `${account} ${name}`,
  name,
  arn: `arn:aws:iam::${account}:role/${name}`,
  entry,
});

const pipeline = (step: Json): DeclaredResource => ({
  ...of,
  type: 'pipeline',
  address: 'Pipeline',
  name: 'fraud',
  entry: { PipelineDefinition: { Version: '2020-12-01', Steps: [step] } },
});

const hole = (name: string): Hole => ({ name, by: 'given', tell: `give --parameter ${name}=…` });

const allowing = (statement: Json): Json => ({
  RolePolicyList: [{ PolicyDocument: { Statement: [statement] } }],
});

/** The values that are tried for holes, by the names of the holes. */
const tried = (names: readonly string[], make: (values: readonly string[]) => DeclaredResource[]) => {
  const { fill, filled } = filling({ given: new Map(), forms: new Map() }, new Map());
  const resources = make(names.map((name) => fill(hole(name))));
  return fillingsOf(resources, filled, []);
};
const valuesOf = (name: string, fillings: readonly ReadonlyMap<string, string>[]) =>
  fillings.flatMap((each) => each.get(name) ?? []);

describe('the values that are tried for a hole', () => {
  test('are every action, where it is a part of one, and SageMaker, where it is trusted', () => {
    const { single } = tried(['Part', 'Trusted'], ([part = '', trusted = '']) => [
      role('train', {
        ...(allowing({
          Effect: 'Allow',
          Action: `iam:${part}`,
          Resource: 'arn:aws:iam::111122223333:role/a',
        }) as object),
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: trusted } }],
        },
      }),
    ]);
    expect(valuesOf('Part', single)).toContain('*');
    expect(valuesOf('Trusted', single)).toContain('sagemaker.amazonaws.com');
  });

  test('are the tags of roles, where a condition asks about it', () => {
    const { single } = tried(['Team'], ([team = '']) => [
      role('train', { Tags: [{ Key: 'team', Value: 'fraud' }] }),
      role(
        'start',
        allowing({
          Effect: 'Allow',
          Action: '*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:ResourceTag/team': team } },
        }),
      ),
    ]);
    expect(valuesOf('Team', single)).toContain('fraud');
  });

  test('are the values in a condition, where a definition has it', () => {
    const { single } = tried(['Subnet'], ([subnet = '']) => [
      pipeline({ Arguments: { VpcConfig: { Subnets: [subnet] } } }),
      role(
        'train',
        allowing({
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { StringNotEquals: { 'sagemaker:VpcSubnets': 'subnet-1' } },
        }),
      ),
    ]);
    expect(valuesOf('Subnet', single)).toContain('subnet-1');
  });

  test.each([
    ['the service', (open: string) => `${open}:*`, 'iam'],
    ['the end of the service', (open: string) => `ia${open}:*`, 'm'],
    ['what is done', (open: string) => `iam:${open}`, '*'],
    ['a part of what is done', (open: string) => `iam:Put${open}Policy`, 'Role'],
    ['the whole action', (open: string) => open, '*'],
  ])('make a dangerous action, where it is a part of one: %s', (_, action, value) => {
    const { single } = tried(['Part'], ([part = '']) => [
      role('train', allowing({ Effect: 'Allow', Action: [action(part)], Resource: '*' })),
    ]);
    expect(valuesOf('Part', single)).toContain(value);
  });

  test('are the buckets that definitions read, where it names the bucket of a policy', () => {
    const { single } = tried(['Bucket'], ([bucket = '']) => [
      pipeline({ Arguments: { ProcessingInputs: [{ S3Input: { S3Uri: 's3://code/run.py' } }] } }),
      { ...of, type: 'bucket-policy', address: 'Policy', bucket, policy: null },
    ]);
    expect(valuesOf('Bucket', single)).toContain('code');
  });

  test('are the groups that are declared, where a user joins it', () => {
    const { single } = tried(['Group'], ([group = '']) => [
      {
        ...of,
        type: 'user',
        address: 'U',
        name: 'u',
        arn: 'arn:aws:iam::111122223333:user/u',
        entry: { GroupList: [group] },
      },
      {
        ...of,
        type: 'group',
        address: 'G',
        name: 'admins',
        arn: 'arn:aws:iam::111122223333:group/admins',
        entry: {},
      },
    ]);
    expect(valuesOf('Group', single)).toContain('admins');
  });

  test('are a repository of the account, where it is an image', () => {
    const { single } = tried(['Image'], ([image = '']) => [
      pipeline({ Arguments: { AlgorithmSpecification: { TrainingImage: image } } }),
    ]);
    expect(valuesOf('Image', single)).toEqual([
      `111122223333.dkr.ecr.eu-west-1.amazonaws.com/${token('Image')}`,
    ]);
  });

  test('are tried, in large sources, with the first value of each other hole, too', () => {
    const names = Array.from({ length: 20 }, (_, index) => `Name${index}`);
    const { single, joint } = tried(names, (values) => [
      ...values.map((value, index) => role(`r${index}`, { Tags: [{ Key: 'name', Value: value }] })),
      ...Array.from({ length: 1000 }, (_, index) =>
        role(`more${index}`, { Tags: [{ Key: 'name', Value: 'fraud' }] }),
      ),
    ]);
    expect(single).toEqual([]);
    for (const one of names)
      for (const other of names.filter((each) => each !== one))
        expect(joint.some((each) => each.get(one) === 'fraud' && !each.has(other))).toBe(true);
  });
});

describe('the roles that stand for those of an account of which nothing is known', () => {
  test('are in each account, and match each pattern of roles that policies name', () => {
    const statement = { Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::*:role/team-*' };
    const { roles, isWhole } = strangers([
      role('one', allowing(statement)),
      role('other', {}, '444455556666'),
    ]);
    expect(roles.map(({ principal }) => principal.arn)).toEqual([
      'arn:aws:iam::111122223333:role/another-role',
      'arn:aws:iam::111122223333:role/team-x',
      'arn:aws:iam::444455556666:role/another-role',
    ]);
    expect(isWhole).toBe(true);
  });

  test('are said not to be all, where there are more patterns than roles', () => {
    const statement = {
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: Array.from({ length: 100 }, (_, index) => `arn:aws:iam::*:role/team${index}-*`),
    };
    expect(strangers([role('one', allowing(statement))]).isWhole).toBe(false);
  });
});

describe('the Regions and accounts that are tried', () => {
  const region = (compared: string): Hole => ({ ...hole('AWS::Region'), compared: [compared] });

  test('are those with which any source compares its own', () => {
    const { fill, filled } = filling({ given: new Map(), forms: new Map() }, new Map());
    fill(region('us-east-1'));
    fill(region('eu-west-1'));
    const { single } = fillingsOf([role('train', {})], filled, []);
    expect(valuesOf('AWS::Region', single)).toEqual(['us-east-1', 'eu-west-1']);
  });

  test('are said not to be all, where there are too many', () => {
    const { fill, filled } = filling({ given: new Map(), forms: new Map() }, new Map());
    fill(hole('AWS::AccountId'));
    const numbers = Array.from({ length: 40 }, (_, index) => `1111222233${index + 10}`);
    const { single, untried } = fillingsOf([role('train', {})], filled, numbers);
    expect(single.length).toBeLessThan(40);
    expect(untried.map(({ name }) => name)).toEqual(['AWS::AccountId']);
  });
});
