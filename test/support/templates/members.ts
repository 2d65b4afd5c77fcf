import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { MemberTargets } from '../../../shared/config/member-targets.ts';
import { ACCOUNT, REGION } from './synthesised.ts';
import type { TemplateJson } from './template-values.ts';

export const ORGANIZATION = { id: 'o-abcdef1234', managementAccount: '999988887777', root: 'r-ab12' };
export const MEMBER = '444455556666';

/** A hub that watches an organizational unit, in which is its own account. */
export const UNIT_MEMBERS: MemberTargets = {
  organization: ORGANIZATION,
  units: ['ou-ab12-cdefgh34'],
  excluded: [ACCOUNT],
  exclude: [],
  accounts: [],
  includesManagementAccount: false,
};

/** A hub that watches single accounts. */
export const ACCOUNT_MEMBERS: MemberTargets = {
  ...UNIT_MEMBERS,
  units: [],
  excluded: [],
  accounts: [MEMBER, '777788889999'],
};

/** What the parameters of the members’ templates are, for a hub in an account and Region. */
export const hubValues = (account = ACCOUNT, region = REGION): Readonly<Record<string, string>> => ({
  Hub: `${account}-${region}`,
  IntakeBusArn: `arn:aws:events:${region}:${account}:event-bus/pipewarden-intake`,
  ExternalId: '0f5c9d10-aaaa-bbbb-cccc-0123456789ab',
  AuditRoleArn: `arn:aws:iam::${account}:role/Pipewarden-AuditRole-1`,
  SweepRoleArn: `arn:aws:iam::${account}:role/Pipewarden-SweepRole-1`,
  InventoryRoleArn: `arn:aws:iam::${account}:role/Pipewarden-InventoryRole-1`,
  DeliverRoleArn: `arn:aws:iam::${account}:role/Pipewarden-DeliverRole-1`,
});

export type StackSet = {
  id: string;
  properties: Record<string, unknown> & { TemplateBody: string };
  dependsOn: readonly string[];
};

/** The StackSets of the stack that sets up members. */
export const stackSetsOf = (stack: Stack): Record<'roles' | 'rules', StackSet> => {
  const found = Template.fromStack(stack).findResources('AWS::CloudFormation::StackSet');
  const named = (id: string): StackSet => {
    const { Properties, DependsOn = [] } = found[id] ?? {};
    if (!Properties) throw new Error(`no StackSet is called ${id}`);
    return { id, properties: Properties, dependsOn: DependsOn };
  };
  return { roles: named('MemberRoles'), rules: named('MemberRules') };
};

/** What CloudFormation makes of a template: parameters have values, and what a condition leaves out is gone. */
export const deployedTemplate = (
  body: string,
  {
    values,
    region,
    account = MEMBER,
  }: { values: Readonly<Record<string, string>>; region: string; account?: string },
): TemplateJson => {
  const known: Record<string, string> = { ...values, 'AWS::Region': region, 'AWS::AccountId': account };
  const template = JSON.parse(body, (_, value) =>
    isRef(value) && Object.hasOwn(known, value.Ref) ? known[value.Ref] : value,
  );
  const holds = (condition: unknown): boolean => {
    const [[name, of] = ['', undefined]] = Object.entries(condition as object);
    if (name === 'Condition') return holds(template.Conditions[String(of)]);
    if (name === 'Fn::Not') return !holds((of as unknown[])[0]);
    if (name === 'Fn::Equals') return (of as unknown[])[0] === (of as unknown[])[1];
    throw new Error(`not known to this test: ${name}`);
  };
  const resources = Object.entries(template.Resources as Record<string, { Condition?: string }>).filter(
    ([, { Condition }]) => Condition === undefined || holds({ Condition }),
  );
  return { ...template, Resources: Object.fromEntries(resources) };
};

const isRef = (value: unknown): value is { Ref: string } =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === 'Ref';
