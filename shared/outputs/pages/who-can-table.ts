import { arnName, isOfIam, parseArn } from '../../domain/arn.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { listed } from '../../text/listed.ts';
import { visibleText } from '../../text/visible-text.ts';
import type { Condition, Step } from '../../who-can/answer.ts';
import type { Outsider } from '../../who-can/outsiders.ts';
import type { Who, WhoCan } from '../../who-can/who-can.ts';
import { textTable } from './text-table.ts';

const LONGEST_CELL = 300;
const HEADINGS = ['CAN', 'WHO', 'HOW', 'WHERE'];

/** Who can do what was asked, for a terminal: those who surely can first, an administrator in one line. */
export const whoCanTable = (answers: readonly WhoCan[]): string => answers.map(tableOf).join('\n');

const tableOf = ({ account, asked, principals, outsiders, notes }: WhoCan): string => {
  const shown = principals
    .filter(({ answer }) => answer !== 'no')
    .map((who) => ({ can: canOf(who), who }))
    .toSorted((one, other) => ORDER.indexOf(one.can) - ORDER.indexOf(other.can));
  const rows = [
    ...shown.map(({ can, who }) => [can, nameOf(who), howOf(who), whereOf(who)]),
    ...outsiders.map((each) => [
      each.answer === 'yes' ? (each.conditions.length > 0 ? 'if' : 'yes') : 'unknown',
      `${each.who} ${isProvider(each.who) ? '(identity provider)' : '(outside)'}`,
      outsideText(each),
      each.why ?? conditionsText(each.conditions),
    ]),
  ].map((row) => row.map((cell) => cut(cell, LONGEST_CELL)));
  const left = principals.length - shown.length;
  return [
    `${visibleText(`who can ${asked.verb} ${asked.resource} in ${account}`)}\n`,
    rows.length > 0 ? textTable([HEADINGS, ...rows]) : 'nobody\n',
    ...(left > 0 ? [`${counted(left, 'principal')} cannot; --format json names them\n`] : []),
    ...notes.map((note) => `${visibleText(note)}\n`),
  ].join('');
};

const isProvider = (who: string): boolean => isOfIam(who, 'saml-provider/') || isOfIam(who, 'oidc-provider/');

/** A yes under conditions is an “if”. */
type Can = 'yes' | 'if' | 'unknown';

const ORDER: readonly Can[] = ['yes', 'if', 'unknown'];

export const canOf = ({ answer, steps }: Who): Can => {
  if (answer !== 'yes') return 'unknown';
  return steps.every(({ conditions }) => conditions.length === 0) ? 'yes' : 'if';
};

/** The kind and name of a principal, and who makes it. */
const nameOf = ({ arn, kind, madeBy }: Who): string => {
  const by = madeBy === 'service' ? ' (of a service)' : madeBy === undefined ? '' : ' (of Identity Center)';
  return kind === 'root' ? 'root user' : `${parseArn(arn)?.resource ?? arn}${by}`;
};

/** By which statement somebody can, and through which roles. */
export const howOf = ({ isAdministrator, through, steps, answer }: Who): string => {
  if (isAdministrator && through.length === 0 && answer === 'yes') return 'administrator';
  const ways = through.map(({ role, service }) =>
    service === undefined ? `assumes ${arnName(role)}` : `passes ${arnName(role)} to ${service}`,
  );
  return [...ways, ...steps.slice(through.length).map(statementText)].join(', then ');
};

const statementText = ({ action, statements }: Step): string => {
  const own = statements.find(({ layer }) => layer === 'identity' || layer === 'resource') ?? statements[0];
  const [, name = action] = action.split(':');
  return own
    ? `${name} by ${own.policy}${own.pointer}${typeof own.statement === 'string' ? ` (${own.statement})` : ''}`
    : name;
};

/** What must hold, or why it is not known. */
export const whereOf = ({ steps, why }: Who): string =>
  why ?? conditionsText(steps.flatMap(({ conditions }) => conditions));

const conditionsText = (conditions: readonly Condition[]): string =>
  listed([...new Set(conditions.map(conditionText))], 8);

const conditionText = ({ key, values }: Condition): string =>
  values === null ? `${key} is not there` : `${key} is ${values.length === 0 ? 'empty' : values.join(', ')}`;

const outsideText = ({ by, at }: Outsider): string =>
  isOfIam(by, 'role/') ? `may assume ${arnName(by)} by ${at}` : `${by} by ${at}`;
