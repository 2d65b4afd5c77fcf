import { arnName, parseArn } from '../domain/arn.ts';
import { asText, memberAnyCase } from '../json/json.ts';
import { type Call, field, memberAt, type Reading, type RecordReaders, readersOf } from './record.ts';

const ROLE_OPERATIONS = [
  'CreateRole',
  'DeleteRole',
  'PutRolePolicy',
  'DeleteRolePolicy',
  'AttachRolePolicy',
  'DetachRolePolicy',
  'UpdateAssumeRolePolicy',
  'PutRolePermissionsBoundary',
  'DeleteRolePermissionsBoundary',
  'TagRole',
  'UntagRole',
];
const USER_OPERATIONS = [
  'CreateUser',
  'DeleteUser',
  'PutUserPolicy',
  'DeleteUserPolicy',
  'AttachUserPolicy',
  'DetachUserPolicy',
  'PutUserPermissionsBoundary',
  'DeleteUserPermissionsBoundary',
  'TagUser',
  'UntagUser',
  'AddUserToGroup',
  'RemoveUserFromGroup',
];
const GROUP_OPERATIONS = ['PutGroupPolicy', 'DeleteGroupPolicy', 'AttachGroupPolicy', 'DetachGroupPolicy'];
const POLICY_OPERATIONS = ['CreatePolicyVersion', 'SetDefaultPolicyVersion'];

/** The names that IAM takes; what is none of them must not become part of an ARN. */
const IAM_NAME = /^[\w+=,.@-]{1,128}$/;

/** Only the answers to CreateRole and CreateUser hold an ARN: of other records the path is not known. */
const readPrincipal =
  (type: 'role' | 'user') =>
  (call: Call): Reading => {
    const name = iamName(call, type);
    if (name === undefined) return { unreadable: `the record of ${call.eventName} names no ${type}` };
    const arn = asText(memberAt(call.response, type, 'arn')) || iamArn(call, type, name);
    const deleted = ['DeleteRole', 'DeleteUser'].includes(call.eventName);
    return { requests: [{ type, resource: { type, arn }, name, trigger: call.trigger, deleted }] };
  };

const readGroup = (call: Call): Reading => {
  const name = iamName(call, 'group');
  if (name === undefined) return { unreadable: `the record of ${call.eventName} names no group` };
  const resource = { type: 'group', arn: iamArn(call, 'group', name) } as const;
  return { requests: [{ type: 'group', resource, name, trigger: call.trigger }] };
};

const iamName = (call: Call, type: 'role' | 'user' | 'group'): string | undefined => {
  const name = field(call, `${type}Name`) ?? asText(memberAt(call.response, type, `${type}Name`));
  return name !== undefined && IAM_NAME.test(name) ? name : undefined;
};

const iamArn = ({ partition, account }: Call, type: string, name: string): string =>
  `arn:${partition}:iam::${account}:${type}/${name}`;

const readPolicy = (call: Call): Reading => {
  if (call.eventName === 'CreatePolicyVersion' && isLeftAside(call))
    return {
      ignored: 'the new version of the policy is not its default, so that nobody may do more or less',
    };
  const arn = field(call, 'policyArn') ?? '';
  const { service, resource } = parseArn(arn) ?? {};
  if (service !== 'iam' || !resource?.startsWith('policy/'))
    return { unreadable: `the record of ${call.eventName} names no policy` };
  return {
    requests: [
      { type: 'policy', resource: { type: 'policy', arn }, name: arnName(arn), trigger: call.trigger },
    ],
  };
};

/** Without `setAsDefault` a version is made and not used; a request that CloudTrail left out tells neither. */
const isLeftAside = ({ request, response }: Call): boolean =>
  request !== undefined &&
  request !== null &&
  asText(memberAnyCase(request, 'setAsDefault')) !== 'true' &&
  asText(memberAt(response, 'policyVersion', 'isDefaultVersion')) !== 'true';

/**
 * What changes what a principal may do, or who may use it; a policy's first version and a version that is deleted do
 * not: the one is attached later, the other was not the default.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 */
export const IAM_READERS: RecordReaders = new Map([
  ...readersOf(ROLE_OPERATIONS, readPrincipal('role')),
  ...readersOf(USER_OPERATIONS, readPrincipal('user')),
  ...readersOf(GROUP_OPERATIONS, readGroup),
  ...readersOf(POLICY_OPERATIONS, readPolicy),
]);
