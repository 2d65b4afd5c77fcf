import type { Permission, RoleName } from './permission.ts';
import { permissions } from './permissions.ts';

const TITLES: Readonly<Record<RoleName, string>> = {
  audit: 'The audit function',
  deliver: 'The delivery function',
  sweep: 'The sweep function',
  report: 'The report function',
  inventory: 'The inventory function',
  hook: 'The hook function',
  hookCaller: 'The hook of CloudFormation',
  history: 'The history function',
  evidence: 'The evidence function',
  sweepMachine: 'The sweep’s state machine',
  sweepSchedule: 'The sweep’s schedule',
  reportSchedule: 'The report’s schedule',
  evidenceSchedule: 'The evidence’s schedule',
  forwardEvents: 'The rules in us-east-1',
  memberReader: 'In each member: the role that reads',
  memberDelivery: 'In each member: the role that imports findings',
  memberForward: 'In each member: the rules',
};

/** All permissions as a page for people, with placeholders for the secrets and topics of a configuration. */
export const permissionsPage = (): string => {
  const table = permissions({
    secretArns: [
      'arn:aws:secretsmanager:REGION:ACCOUNT:secret:YOURS',
      'arn:aws:ssm:REGION:ACCOUNT:parameter/YOURS',
    ],
    topicArns: ['arn:aws:sns:REGION:ACCOUNT:YOURS'],
    findingsGoTo: 'member',
    isTraced: true,
    partition: 'aws',
    subnets: ['YOURS'],
    resolvesWorkflow: true,
    hook: 'warn',
    history: 'on',
    evidence: 'monthly',
    otherRegions: [],
    hasMembers: true,
    hasOrganizationPolicies: true,
  });
  const sections = Object.entries(TITLES).map(([name, title]) =>
    [
      `## ${title}`,
      '',
      '| actions | on | for | why no narrower |',
      '| --- | --- | --- | --- |',
      ...table.filter(({ role }) => role === name).map(row),
    ].join('\n'),
  );
  return `${['# Permissions', INTRODUCTION, ...sections].join('\n\n')}\n`;
};

const INTRODUCTION =
  'Made by `npm run generate` from `infra/permissions.ts`, from which the roles are made too. `${Name}` stands for a resource of the ' +
  'stacks. Lines with YOURS, and the workflow in Security Hub, apply only where the configuration asks for them; `sts:AssumeRole` and the ' +
  'roles in members only where it watches other accounts, `${OrganizationObject}` only with `--organization-policies`, those of the hook only with `--hook`, those of the history, with `${HistoryQueue}`, only with `--history`, and those of the evidence only with `--evidence`.';

const row = ({ actions, on, reason, wildcard = '', where }: Permission): string => {
  const code = (texts: readonly string[]) => texts.map((text) => `\`${text}\``).join(', ');
  const condition = Object.entries(where ?? {}).map(
    ([key, value]) => `${key} = ${[value].flat().join(' or ')}`,
  );
  const places = [code(on), ...condition.map((text) => `where \`${text}\``)].join(' ');
  return `| ${code(actions)} | ${places} | ${reason} | ${wildcard} |`;
};
