import { arnName, parseArn } from '../domain/arn.ts';
import { asText, memberAnyCase } from '../json/json.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { isHidden } from './hidden.ts';
import { type Call, field, memberAt, type Reading } from './record.ts';

/** The names that IAM allows. Any other text must not become part of an ARN. */
const IAM_NAME = /^[\w+=,.@-]{1,128}$/;

/** Only the answers of CreateRole, AcquireRole and CreateUser contain an ARN. Other records do not tell the path. */
export const readPrincipal =
  (type: 'role' | 'user') =>
  (call: Call<'role' | 'user'>): Reading => {
    const name = iamName(call, type);
    if (name === undefined) return namesNone(call, type);
    const arn = asText(memberAt(call.response, type, 'arn')) || iamArn(call, type, name);
    const { changed, deletes = false } = call.audited;
    return {
      requests: [{ type, resource: { type, arn }, name, changed, trigger: call.trigger, deleted: deletes }],
    };
  };

/** The user gets another name or path, and so another ARN. The old ARN no longer exists. */
export const readRenamedUser = (call: Call<'renamed user'>): Reading =>
  readRenamed(call, 'user', (name, deleted) => ({
    type: 'user',
    resource: { type: 'user', arn: iamArn(call, 'user', name) },
    name,
    changed: call.audited.changed,
    trigger: call.trigger,
    deleted,
  }));

export const readGroup = (call: Call<'group'>): Reading => {
  const name = iamName(call, 'group');
  return name === undefined ? namesNone(call, 'group') : { requests: [groupRequest(call, name)] };
};

/** The group gets another name or path. Users keep the group and its policies; what is known of them names the old one. */
export const readRenamedGroup = (call: Call<'renamed group'>): Reading =>
  readRenamed(call, 'group', (name) => groupRequest(call, name));

const groupRequest = (call: Call<'group' | 'renamed group'>, name: string): AuditRequest => ({
  type: 'group',
  resource: { type: 'group', arn: iamArn(call, 'group', name) },
  name,
  changed: call.audited.changed,
  trigger: call.trigger,
});

/** A look under the old name, and one under the new name if there is one. */
const readRenamed = (
  call: Call<'renamed user' | 'renamed group'>,
  type: 'user' | 'group',
  lookAt: (name: string, deleted: boolean) => AuditRequest,
): Reading => {
  const name = iamName(call, type);
  if (name === undefined) return namesNone(call, type);
  const newName = memberAnyCase(call.request, type === 'user' ? 'newUserName' : 'newGroupName');
  const told = asText(newName);
  if (isHidden(newName) || (told !== undefined && !IAM_NAME.test(told))) return namesNone(call, type);
  return {
    requests:
      told === undefined || told === name ? [lookAt(name, false)] : [lookAt(name, true), lookAt(told, false)],
  };
};

type IamCall = Call<'role' | 'user' | 'renamed user' | 'group' | 'renamed group' | 'policy'>;

const namesNone = ({ eventName }: IamCall, type: string): Reading => ({
  unreadable: `the record of ${eventName} names no ${type}`,
});

const iamName = (call: IamCall, type: 'role' | 'user' | 'group'): string | undefined => {
  const name = field(call, `${type}Name`) ?? asText(memberAt(call.response, type, `${type}Name`));
  return name !== undefined && IAM_NAME.test(name) ? name : undefined;
};

const iamArn = ({ partition, account }: IamCall, type: string, name: string): string =>
  `arn:${partition}:iam::${account}:${type}/${name}`;

export const readPolicy = (call: Call<'policy'>): Reading => {
  const arn = field(call, 'policyArn') ?? '';
  const { service, resource } = parseArn(arn) ?? {};
  if (service !== 'iam' || !resource?.startsWith('policy/')) return namesNone(call, 'policy');
  const { changed } = call.audited;
  return {
    requests: [
      {
        type: 'policy',
        resource: { type: 'policy', arn },
        name: arnName(arn),
        changed,
        trigger: call.trigger,
      },
    ],
  };
};
