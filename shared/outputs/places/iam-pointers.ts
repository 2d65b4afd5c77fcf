import { asList, asText, type Json, member } from '../../json/json.ts';

/** The JSON pointers of principals and policies in the listing of an account, by the names that evidence uses. */
export const iamPointers = (details: Json): ReadonlyMap<string, string> => {
  const pointers = new Map<string, string>();
  const list = (value: Json, key: string, add: (entry: Json, pointer: string) => void, at = ''): void => {
    for (const [index, entry] of asList(member(value, key)).entries()) add(entry, `${at}/${key}/${index}`);
  };
  for (const type of ['Role', 'User', 'Group'])
    list(details, `${type}DetailList`, (entry, pointer) => {
      const arn = textOf(entry, 'Arn');
      pointers.set(arn, pointer);
      pointers.set(`tags of ${arn}`, `${pointer}/Tags`);
      pointers.set(`trust policy of ${arn}`, `${pointer}/AssumeRolePolicyDocument`);
      const addInline = (inline: Json, at: string) =>
        pointers.set(`${arn} ${textOf(inline, 'PolicyName')}`, `${at}/PolicyDocument`);
      list(entry, `${type}PolicyList`, addInline, pointer);
    });
  list(details, 'Policies', (policy, pointer) => {
    pointers.set(textOf(policy, 'Arn'), pointer);
    const isDefault = (version: Json) => member(version, 'IsDefaultVersion') === true;
    const index = asList(member(policy, 'PolicyVersionList')).findIndex(isDefault);
    if (index >= 0) pointers.set(textOf(policy, 'Arn'), `${pointer}/PolicyVersionList/${index}/Document`);
  });
  return pointers;
};

const textOf = (value: Json, key: string): string => asText(member(value, key)) ?? '';
