import { describe, expect, test } from '@jest/globals';
import { valueIn } from '../../../support/builders/declared-template.ts';

/** What the same value of a template gives: with parameters, maps and resources that are there for every row. */
const SECTIONS = {
  Parameters: {
    Stage: { Type: 'String', Default: 'dev', AllowedValues: ['dev', 'prod'] },
    Bucket: { Type: 'String' },
    Size: { Type: 'Number', Default: 3 },
    Names: { Type: 'CommaDelimitedList', Default: 'a, b,c' },
    Subnets: { Type: 'List<AWS::EC2::Subnet::Id>' },
    Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/team/bucket' },
    Secret: { Type: 'String', NoEcho: true, Default: 'not-for-eyes' },
  },
  Mappings: { Sizes: { dev: { Max: '1', Zones: ['x', 'y'] }, prod: { Max: '9', Zones: ['z'] } } },
  Conditions: {
    IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    IsDev: { 'Fn::Not': [{ Condition: 'IsProd' }] },
  },
  Resources: {
    Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'runner', Path: '/ml/' } },
    Made: { Type: 'AWS::IAM::Role', Properties: {} },
    Data: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::Sub': 'data-${Stage}' } } },
    Zoo: { Type: 'AWS::Zoo::Cage', Properties: {} },
  },
};
const given = (expression: unknown, values = {}) => valueIn(expression, SECTIONS, values);

describe('each function gives what AWS documents', () => {
  test.each<[string, unknown, unknown]>([
    ['a plain value', { a: [1, 'x', true] }, { a: [1, 'x', true] }],
    ['Ref of a parameter with a default', { Ref: 'Stage' }, 'dev'],
    ['Ref of a number, as a text', { Ref: 'Size' }, '3'],
    ['Ref of a list, divided and trimmed', { Ref: 'Names' }, ['a', 'b', 'c']],
    ['Ref of a parameter without a default: a hole', { Ref: 'Bucket' }, '<Bucket>'],
    ['Ref of a list without a default: a list of one', { Ref: 'Subnets' }, ['<Subnets>']],
    ['Ref of what SSM holds: no name for a value', { Ref: 'Stored' }, '<Stored>'],
    ['Ref of a secret: never its default', { Ref: 'Secret' }, '<Secret>'],
    ['the account', { Ref: 'AWS::AccountId' }, '111122223333'],
    ['the Region', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['the partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['the suffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['the stack', { Ref: 'AWS::StackName' }, 'train'],
    [
      'the id of the stack',
      { Ref: 'AWS::StackId' },
      'arn:aws:cloudformation:eu-west-1:111122223333:stack/train/<AWS::StackId>',
    ],
    ['Ref of a role: its name', { Ref: 'Role' }, 'runner'],
    ['Ref of a role without a name: a hole', { Ref: 'Made' }, '<Made>'],
    [
      'the ARN of a role, with its path',
      { 'Fn::GetAtt': ['Role', 'Arn'] },
      'arn:aws:iam::111122223333:role/ml/runner',
    ],
    ['the same in one text', { 'Fn::GetAtt': 'Role.Arn' }, 'arn:aws:iam::111122223333:role/ml/runner'],
    ['an attribute that AWS makes up: a hole', { 'Fn::GetAtt': ['Role', 'RoleId'] }, '<Role.RoleId>'],
    ['Ref of an unknown type: a hole', { Ref: 'Zoo' }, '<Zoo>'],
    ['an attribute of an unknown type: a hole', { 'Fn::GetAtt': 'Zoo.Key.Arn' }, '<Zoo.Key.Arn>'],
    ['the ARN of a bucket', { 'Fn::GetAtt': ['Data', 'Arn'] }, 'arn:aws:s3:::data-dev'],
    [
      'an address of a bucket',
      { 'Fn::GetAtt': ['Data', 'RegionalDomainName'] },
      'data-dev.s3.eu-west-1.amazonaws.com',
    ],
    [
      'Sub of names and attributes',
      { 'Fn::Sub': '${Stage}/${Role.Arn}' },
      'dev/arn:aws:iam::111122223333:role/ml/runner',
    ],
    [
      'Sub with a map of its own',
      { 'Fn::Sub': ['${Stage}-${x}', { x: { Ref: 'Size' }, Stage: 'mine' }] },
      'mine-3',
    ],
    ['Sub of a literal', { 'Fn::Sub': '${!Stage}-${!Get}$x${' }, '${Stage}-${Get}$x${'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 1]] }, 'a-dev-1'],
    ['Join of a list', { 'Fn::Join': [':', { Ref: 'Names' }] }, 'a:b:c'],
    ['Join leaves out what is no value', { 'Fn::Join': [':', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'a:b'],
    ['Select', { 'Fn::Select': ['1', ['a', 'b']] }, 'b'],
    ['Select of a list parameter', { 'Fn::Select': [2, { Ref: 'Names' }] }, 'c'],
    ['Split', { 'Fn::Split': ['/', 'a/b//c'] }, ['a', 'b', '', 'c']],
    [
      'Select of Split of an ARN',
      { 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::GetAtt': 'Role.Arn' }] }] },
      'ml',
    ],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'Max'] }, '1'],
    ['FindInMap of a list', { 'Fn::FindInMap': ['Sizes', 'dev', 'Zones'] }, ['x', 'y']],
    [
      'FindInMap with a default',
      { 'Fn::FindInMap': ['Sizes', 'test', 'Max', { DefaultValue: { Ref: 'Size' } }] },
      '3',
    ],
    ['If', { 'Fn::If': ['IsProd', 'large', 'small'] }, 'small'],
    ['If of a condition that is not', { 'Fn::If': ['IsDev', { 'Fn::Sub': '${Stage}' }, 'x'] }, 'dev'],
    [
      'no value in a map',
      { a: { Ref: 'AWS::NoValue' }, b: { 'Fn::If': ['IsProd', 1, { Ref: 'AWS::NoValue' }] } },
      {},
    ],
    ['no value in a list', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
    ['Base64 of UTF-8', { 'Fn::Base64': 'grün' }, 'Z3LDvG4='],
    ['ToJsonString', { 'Fn::ToJsonString': { a: [{ Ref: 'Stage' }] } }, '{"a":["dev"]}'],
    ['Length', { 'Fn::Length': { Ref: 'Names' } }, 3],
    ['an object whose only key looks like nothing of AWS', { Condition: { a: 1 } }, { Condition: { a: 1 } }],
  ])('%s', (_, expression, value) => {
    expect(given(expression)).toMatchObject({ value, problems: [] });
  });
});

describe('what only the deployment tells is a hole with what tells it', () => {
  test.each<[string, unknown, string, object]>([
    [
      'a parameter',
      { Ref: 'Bucket' },
      'Bucket',
      { name: 'Bucket', parameter: 'Bucket', by: 'given', tell: 'give --parameter Bucket=…' },
    ],
    [
      'a parameter with allowed values',
      { Ref: 'Stage' },
      'Stage',
      { values: ['dev', 'prod'], byDefault: 'dev', compared: ['prod'] },
    ],
    [
      'what SSM holds',
      { Ref: 'Stored' },
      'Stored',
      { tell: 'give the value of the SSM parameter /team/bucket as --parameter Stored=…' },
    ],
    [
      'a generated name',
      { Ref: 'Made' },
      'Made',
      { by: 'generated', like: 'train-Made-*', tell: 'give Made a RoleName' },
    ],
    ['an attribute', { 'Fn::GetAtt': 'Zoo.Arn' }, 'Zoo.Arn', { by: 'given' }],
    [
      'an export of another stack',
      { 'Fn::ImportValue': { 'Fn::Sub': '${Stage}-role' } },
      'the export dev-role',
      { tell: 'give the template of the stack that exports it too, or write the value into this one' },
    ],
    [
      'an output of another stack',
      { 'Fn::GetStackOutput': { StackName: 'net', OutputName: 'Vpc' } },
      'the output Vpc of the stack net',
      { by: 'given' },
    ],
    ['a dynamic reference', '{{resolve:ssm:/a/b:1}}', '{{resolve:ssm:/a/b:1}}', { by: 'given' }],
    [
      'a part of a list that only AWS has',
      { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
      '{"Fn::Select":[0,{"Fn::GetAZs":""}]}',
      { by: 'given' },
    ],
    [
      'a part behind the end of a list',
      { 'Fn::Select': [5, { 'Fn::Split': ['/', { Ref: 'Bucket' }] }] },
      '{"Fn::Select":[5,{"Fn::Split":["/",{"Ref":"Bucket"}]}]}',
      { by: 'given' },
    ],
    [
      'a value of a map by a key that is not in it: one of its values',
      { 'Fn::FindInMap': ['Sizes', { Ref: 'Bucket' }, 'Max'] },
      '{"Fn::FindInMap":["Sizes",{"Ref":"Bucket"},"Max"]}',
      { by: 'given', values: ['1', '9'] },
    ],
  ])('%s', (_, expression, name, hole) => {
    const { holes } = given(expression);
    expect(holes.get(name)).toMatchObject(hole);
  });

  test('dynamic references inside of texts are filled, also those that are put together', () => {
    const { value } = given({
      'Fn::Sub': 'x-{{resolve:ssm:/${Stage}/b}}-{{resolve:secretsmanager:s:SecretString:k}}',
    });
    expect(value).toBe('x-<{{resolve:ssm:/dev/b}}>-<{{resolve:secretsmanager:s:SecretString:k}}>');
  });

  test('a map whose values are texts offers these', () => {
    const { holes } = valueIn(
      { 'Fn::FindInMap': ['Keys', { Ref: 'AWS::StackName' }, 'Id'] },
      { Mappings: { Keys: { a: { Id: '1' }, b: { Id: '2' }, c: { Id: '1' } } } },
    );
    expect([...holes.values()].map(({ values }) => values)).toEqual([['1', '2']]);
  });
});

describe('what cannot be understood is unknown, never absent, and told with its place', () => {
  test.each<[string, unknown, string]>([
    [
      'a function that nobody knows',
      { 'Fn::Guess': 1 },
      'Fn::Guess is no known function here; what it gives is unknown',
    ],
    [
      'a macro',
      { 'Fn::Transform': { Name: 'AWS::Include', Parameters: { Location: 's3://x/y' } } },
      'the macro AWS::Include is run by AWS at the deployment; what it changes is unknown',
    ],
    [
      'a macro beside other keys',
      { a: 1, 'Fn::Transform': { Name: 'Mine' } },
      'the macro Mine is run by AWS at the deployment; what it changes is unknown',
    ],
    [
      'a function beside other keys',
      { a: 1, 'Fn::Sub': 'x' },
      'Fn::Sub stands beside other keys, which AWS refuses; what it gives is unknown',
    ],
    ['Join without a list', { 'Fn::Join': ['-'] }, 'its argument is not a delimiter and a list'],
    ['Join of a list in a list', { 'Fn::Join': ['-', [['a']]] }, 'a part of the text is not a text'],
    ['Sub of a list', { 'Fn::Sub': ['${Names}'] }, 'its argument is not a text, or a text and a map'],
    ['Sub with a list in it', { 'Fn::Sub': '${Names}' }, 'a part of the text is not a text'],
    ['Select of one value', { 'Fn::Select': [1] }, 'its argument is not an index and a list'],
    ['Split by nothing', { 'Fn::Split': ['', 'a'] }, 'its delimiter is empty'],
    [
      'FindInMap without keys',
      { 'Fn::FindInMap': ['Sizes'] },
      'its argument is not the name of a map and two keys',
    ],
    ['FindInMap of no map', { 'Fn::FindInMap': ['None', 'a', 'b'] }, 'the template has no map None'],
    ['If of two', { 'Fn::If': ['IsProd', 1] }, 'its argument is not a condition and two values'],
    ['GetAtt of one name', { 'Fn::GetAtt': 'Role' }, 'its argument is not a logical id and an attribute'],
    ['Ref of a list', { Ref: ['Stage'] }, 'the name is not a text'],
    [
      'an output without its stack',
      { 'Fn::GetStackOutput': {} },
      'its argument is not a StackName and an OutputName',
    ],
    ['the length of a text', { 'Fn::Length': 'abc' }, 'its argument is not a list'],
  ])('%s', (_, expression, message) => {
    const { value, problems } = given({ deep: [expression] });
    expect(value).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(/^1:\d+: /)]);
    expect(problems[0]).toContain(message);
  });

  test.each<[string, unknown, string, string]>([
    ['Ref of nothing', { Ref: 'Nobody' }, '<Nobody>', 'the template has no parameter or resource Nobody'],
    [
      'GetAtt of nothing',
      { 'Fn::GetAtt': 'Nobody.Arn' },
      '<Nobody.Arn>',
      'the template has no parameter or resource Nobody',
    ],
  ])('%s is a hole, and told', (_, expression, value, message) => {
    expect(given(expression)).toMatchObject({ value, problems: [expect.stringContaining(message)] });
  });

  test('a resource whose condition does not hold cannot be referred to', () => {
    const { value, problems } = valueIn(
      { Ref: 'Extra' },
      {
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
        Resources: { Extra: { Type: 'AWS::IAM::Role', Condition: 'Never', Properties: { RoleName: 'x' } } },
      },
    );
    expect(value).toBe('<Extra>');
    expect(problems).toEqual([
      expect.stringContaining('Extra is not made under these conditions, but something refers to it'),
    ]);
  });

  test('names that depend on each other in a circle are holes, and told', () => {
    const { value, problems } = valueIn(
      { Ref: 'A' },
      {
        Resources: {
          A: { Type: 'AWS::IAM::Role', Properties: { RoleName: { Ref: 'B' } } },
          B: { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::Sub': '${A}-x' } } },
        },
      },
    );
    expect(value).toBe('<A>-x');
    expect(problems).toEqual([expect.stringContaining('the name of A depends on itself')]);
  });
});
