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
export const readRenamedUser = (call: Call<'renamed user'>): Reading => {
  const name = iamName(call, 'user');
  if (name === undefined) return namesNone(call, 'user');
  const newName = memberAnyCase(call.request, 'newUserName');
  const told = asText(newName);
  if (isHidden(newName) || (told !== undefined && !IAM_NAME.test(told))) return namesNone(call, 'user');
  const lookAt = (of: string, deleted: boolean): AuditRequest => ({
    type: 'user',
    resource: { type: 'user', arn: iamArn(call, 'user', of) },
    name: of,
    changed: call.audited.changed,
    trigger: call.trigger,
    deleted,
  });
  return {
    requests:
      told === undefined || told === name ? [lookAt(name, false)] : [lookAt(name, true), lookAt(told, false)],
  };
};

export const readGroup = (call: Call<'group'>): Reading => {
  const name = iamName(call, 'group');
  if (name === undefined) return namesNone(call, 'group');
  const resource = { type: 'group', arn: iamArn(call, 'group', name) } as const;
  return {
    requests: [{ type: 'group', resource, name, changed: call.audited.changed, trigger: call.trigger }],
  };
};

type IamCall = Call<'role' | 'user' | 'renamed user' | 'group' | 'policy' | 'policy version'>;

const namesNone = ({ eventName }: IamCall, type: string): Reading => ({
  unreadable: `the record of ${eventName} names no ${type}`,
});

const iamName = (call: IamCall, type: 'role' | 'user' | 'group'): string | undefined => {
  const name = field(call, `${type}Name`) ?? asText(memberAt(call.response, type, `${type}Name`));
  return name !== undefined && IAM_NAME.test(name) ? name : undefined;
};

const iamArn = ({ partition, account }: IamCall, type: string, name: string): string =>
  `arn:${partition}:iam::${account}:${type}/${name}`;

export const readPolicy = (call: Call<'policy' | 'policy version'>): Reading => {
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

export const readPolicyVersion = (call: Call<'policy version'>): Reading =>
  isLeftAside(call)
    ? {
        ignored:
          'the new version of the policy is not its default version, so that nobody’s permissions change',
      }
    : readPolicy(call);

/** A new version is not in use without `setAsDefault`. Where CloudTrail left the request out, nobody knows. */
const isLeftAside = ({ request, response }: Call<'policy version'>): boolean =>
  request !== undefined &&
  request !== null &&
  !isHidden(memberAnyCase(request, 'setAsDefault')) &&
  asText(memberAnyCase(request, 'setAsDefault')) !== 'true' &&
  asText(memberAt(response, 'policyVersion', 'isDefaultVersion')) !== 'true';
