/** The event bus in the home Region to which changes of findings are sent. An account has one of that name in a Region. */
export const FINDINGS_BUS = 'pipewarden';

/**
 * The names of a deployment’s stacks and StackSets. A StackSet’s name ends with that of the hub. `state`: the stack with what is kept,
 * where it keeps a name with another prefix.
 */
export const stackNames = (prefix = '', state = `${prefix}PipewardenState`) =>
  ({
    main: `${prefix}${MAIN}`,
    state,
    members: `${prefix}PipewardenMembers`,
    memberRoles: `${prefix}PipewardenMemberRoles`,
    memberRules: `${prefix}PipewardenMemberRules`,
  }) as const;

export type StackNames = ReturnType<typeof stackNames>;

const MAIN = 'Pipewarden';

/** The prefix of a deployment, from the name of its stack with the functions. */
export const stackPrefixIn = (main: string): string =>
  main.endsWith(MAIN) ? main.slice(0, -MAIN.length) : '';

/** Whether what is kept is in the stack of a deployment with another prefix. */
export const keepsOthersState = ({ main, state }: Pick<StackNames, 'main' | 'state'>): boolean =>
  state !== stackNames(stackPrefixIn(main)).state;

/** The prefix in the name of a deployment’s stack with what is kept; undefined for a stack of something else. */
export const stackPrefixOfState = (state: string): string | undefined => {
  const prefix = /^(.*)PipewardenState$/.exec(state)?.[1];
  return prefix === undefined || prefix === '' || PREFIX.test(prefix) ? prefix : undefined;
};

/** @throws {Error} for a name that no stack with what is kept has. */
export const stateStackOf = (text: string | undefined): string | undefined => {
  if (text === undefined || stackPrefixOfState(text) !== undefined) return text;
  throw new Error(
    `--state-stack must be the name of a deployment’s stack PipewardenState, with its prefix; it is ${text}`,
  );
};

/** CloudFormation cuts the names of stacks in the names of rules after 24 characters, of which `StackSet-` and our own take eleven. */
const PREFIX = /^[A-Za-z][A-Za-z0-9-]{0,12}$/;

/** @throws {Error} for a text with which no name of a stack may begin. */
export const stackPrefixOf = (text: string | undefined): string | undefined => {
  if (text === undefined || PREFIX.test(text)) return text;
  throw new Error(
    `--stack-prefix must be a letter and at most 12 more letters, digits and hyphens; it is ${text}`,
  );
};

/**
 * The path of roles, as IAM has it.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
 * @throws {Error} for a text that is no path.
 */
export const rolePathOf = (text: string | undefined): string | undefined => {
  if (text === undefined || /^\/(?:[\w+=,.@-]{1,62}\/){1,8}$/.test(text)) return text;
  throw new Error(`--role-path must begin and end with a slash, such as /team/ml/; it is ${text}`);
};

/**
 * What the names of all roles begin with. A name has at most 64 characters, of which a role in the hub takes up to 48.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
 * @throws {Error} for a text with which no name of a role may begin.
 */
export const rolePrefixOf = (text: string | undefined): string | undefined => {
  if (text === undefined || /^[\w+=,.@-]{1,16}$/.test(text)) return text;
  throw new Error(`--role-prefix must be at most 16 letters, digits and _+=,.@-; it is ${text}`);
};

/** What the ARNs of all roles of a deployment have after `role`: their path, and what their names begin with. */
export const rolesBegin = ({
  rolePath = '/',
  rolePrefix = '',
}: {
  rolePath?: string;
  rolePrefix?: string;
}): string => `${rolePath}${rolePrefix}`;
