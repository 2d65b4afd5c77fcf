import { describe, expect, test } from '@jest/globals';
import { templateOfChanges } from '../../../shared/declared/cloudformation/change-set.ts';

const UNTOLD = '{{changeSet:KNOWN_AFTER_APPLY}}';
const TEMPLATE = `
Parameters:
  Bucket: { Type: String }
Transform: AWS::Serverless-2016-10-31
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      MaxSessionDuration: 3600
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - { Effect: Allow, Action: 's3:GetObject', Resource: !Sub 'arn:aws:s3:::\${Bucket}/*' }
              - { Effect: Allow, Action: 'iam:PassRole', Resource: !GetAtt Other.Arn }
  Other:
    Type: AWS::IAM::Role
    Properties: { RoleName: other }
`;

const changed = (properties: object, id = 'Role') => ({
  id,
  type: 'AWS::IAM::Role',
  properties: JSON.stringify({ Properties: properties }),
});
const resourcesOf = (...changes: Parameters<typeof templateOfChanges>[1][number][]): unknown =>
  JSON.parse(templateOfChanges(TEMPLATE, changes)).Resources;

describe('the template of a change set', () => {
  test('has what changes alone, with the values that are told, and the literals of the template', () => {
    const properties = {
      MaxSessionDuration: '3600',
      Policies: [
        {
          PolicyName: 'own',
          PolicyDocument: {
            Statement: [
              { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*' },
              { Effect: 'Allow', Action: 'iam:PassRole', Resource: UNTOLD },
            ],
          },
        },
      ],
    };
    expect(resourcesOf(changed(properties))).toEqual({
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          MaxSessionDuration: 3600,
          Policies: [
            {
              PolicyName: 'own',
              PolicyDocument: {
                Statement: [
                  { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*' },
                  { Effect: 'Allow', Action: 'iam:PassRole', Resource: { 'Fn::GetAtt': 'Other.Arn' } },
                ],
              },
            },
          ],
        },
      },
    });
  });

  test('keeps what the template says where nothing is told of it', () => {
    expect(resourcesOf(changed({}))).toMatchObject({
      Role: { Properties: { MaxSessionDuration: 3600, Policies: [{ PolicyName: 'own' }] } },
    });
    expect(resourcesOf({ id: 'Other', type: 'AWS::IAM::Role', properties: 'no JSON' })).toEqual({
      Other: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'other' } },
    });
  });

  test('has what a macro has made, of which the template says nothing, and not the macro', () => {
    const made = JSON.parse(
      templateOfChanges(TEMPLATE, [changed({ RoleName: 'made', Path: UNTOLD }, 'Made')]),
    );
    expect(made.Transform).toBeUndefined();
    expect(made.Parameters).toEqual({ Bucket: { Type: 'String' } });
    expect(made.Resources).toEqual({
      Made: {
        Type: 'AWS::IAM::Role',
        Properties: { RoleName: 'made', Path: { 'Fn::Transform': { Name: 'Unknown' } } },
      },
    });
  });

  test('is the function of the template where a list or object is told in part', () => {
    const text = JSON.stringify({
      Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { Tags: { 'Fn::If': ['A', [], []] } } } },
    });
    const tags = (told: unknown) =>
      JSON.parse(templateOfChanges(text, [changed({ Tags: told })])).Resources.Role.Properties.Tags;
    expect(tags([{ Key: 'a', Value: UNTOLD }])).toEqual({ 'Fn::If': ['A', [], []] });
    expect(tags([{ Key: 'a', Value: 'b' }])).toEqual([{ Key: 'a', Value: 'b' }]);
  });

  test.each<[string, string]>([
    ['no template', 'Resources: ['],
    ['no resources', '{}'],
    ['a list', '[]'],
    ['nothing', ''],
  ])('of a text that is %s has what is told', (_, text) => {
    expect(JSON.parse(templateOfChanges(text, [changed({ RoleName: 'x' })])).Resources).toEqual({
      Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'x' } },
    });
  });

  test('survives hostile names and depths', () => {
    const deep = `${'['.repeat(5000)}1${']'.repeat(5000)}`;
    const hostile = `{"Properties":{"__proto__":{"a":1},"constructor":"x","Deep":${deep}}}`;
    const made = templateOfChanges(TEMPLATE, [
      { id: '__proto__', type: 'AWS::IAM::Role', properties: hostile },
    ]);
    expect(made).toContain('"constructor":"x"');
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});
