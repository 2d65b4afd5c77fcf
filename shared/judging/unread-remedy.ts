import { UNIT_UNKNOWN } from '../config/config-for.ts';
import { isDenied, type Unread } from '../domain/gap.ts';
import { actionOfCall } from '../facts/read-actions.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  NotChecked: 'Check this step yourself: the part named here is not judged.',
  Absent: 'Nothing to do if it was deleted on purpose; otherwise find out who deleted it.',
  NotNamed:
    'Audit it together with the StartPipelineExecution event of its execution, which names the pipeline.',
  TooMany: 'Reduce their number in the pipeline, or check the others by hand.',
  TooManySteps: 'Split the pipeline: SageMaker takes 50 steps of one.',
  [UNIT_UNKNOWN]:
    'Let whoever audits call organizations:DescribeOrganization and organizations:DescribeAccount, or name the account in accounts beside organizationalUnits.',
  OutsideScope: 'Audit it with the credentials (or the snapshot) of its own account and Region.',
};

const allow = (action: string): string =>
  `Allow ${action} to whoever audits, and see that no Deny stands against it, and audit again. pipewarden generate audit-policy writes all that an audit reads.`;

/** A call, its error code and the message, as reasons quote them. */
const QUOTED = /(?:^|: )([A-Z][A-Za-z0-9]{2,80}): ([A-Za-z]{3,80}): /;

/** Advice by reasons that quote a call and its error code: the action to allow if one of the calls was denied. */
export const quotedUnreadRemedy = (reasons: readonly string[], otherwise: string): string => {
  const actions = reasons.flatMap((reason) => {
    const [, call = '', code = ''] = QUOTED.exec(reason) ?? [];
    return isDenied(code) ? (actionOfCall(call) ?? []) : [];
  });
  return actions.length > 0 ? allow([...new Set(actions)].join(', ')) : otherwise;
};

/** Advice on how to make an unread fact readable. */
export const unreadRemedy = ({ call, code }: Pick<Unread, 'call' | 'code'>): string => {
  const action = isDenied(code) ? actionOfCall(call) : undefined;
  return action === undefined
    ? (REMEDIES[code] ?? `See to it that ${call} can be read, and audit again.`)
    : allow(action);
};
