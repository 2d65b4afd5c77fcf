import type { PolicyText, RoleChange } from '../domain/role-change.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { listed } from '../text/listed.ts';
import { cutOff } from './cut-off.ts';
import { tagEffects } from './tag-effects.ts';

/** The principal of a change: with its SCPs and RCPs where these are known. */
export type ChangedSubject = Pick<PrincipalFact, 'identity'> & Partial<Pick<PrincipalFact, 'policies'>>;

/** What a change changes for whom, in sentences. */
export const effectOf = ({ identity, policies }: ChangedSubject, change: RoleChange): string => {
  const { principal } = identity;
  const { arn } = principal;
  switch (change.type) {
    case 'put-policy': {
      const denies = change.document.Statement.filter(({ Effect }) => Effect === 'Deny');
      const allowed = change.document.Statement.flatMap(({ Effect, Action }) =>
        Effect === 'Allow' ? Action : [],
      );
      return denies.length > 0
        ? `${arn} is denied ${[...new Set(denies.map(deniedText))].join('; and ')}. For nobody else anything changes.`
        : `${arn} may do more (${listed([...new Set(allowed)])}), and nobody may do less.`;
    }
    case 'trust':
      return cutOff(identity, change).length > 0
        ? `Whoever the trust policy does not name can no longer assume ${arn}.`
        : `Everybody whom the trust policy names may still assume ${arn}, its services on behalf of this account alone.`;
    case 'tag':
    case 'untag': {
      const isSet = change.type === 'tag';
      const value = isSet ? change.value : (principal.tags?.get(change.key.toLowerCase()) ?? '');
      const effects = tagEffects(policies ?? identity.policies, { key: change.key, value }, isSet);
      return effects === undefined
        ? `Policies that read the tag ${change.key} ${isSet ? '' : 'no longer '}apply to ${arn} as to a role that carries it.`
        : `For ${arn}, whoever works under it and from wherever: ${effects}.`;
    }
  }
};

type Statement = PolicyText['Statement'][number];

/** So many resources, and so many values, are told of a statement. */
const MAX_LISTED = 3;

/** `iam:PassRole on everything but arn:…, if iam:PassedToService is sagemaker.amazonaws.com or not in the request`. */
const deniedText = ({ Action, Resource, NotResource, Condition = {} }: Statement): string => {
  const on = NotResource
    ? ` on everything but ${listed(NotResource, MAX_LISTED)}`
    : Resource && !Resource.includes('*')
      ? ` on ${listed(Resource, MAX_LISTED)}`
      : '';
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) =>
      conditionText(operator, key, typeof values === 'string' ? [values] : values),
    ),
  );
  return `${listed(Action)}${on}${conditions.length > 0 ? `, if ${conditions.join(', and ')}` : ''}`;
};

const conditionText = (operator: string, key: string, values: readonly string[]): string => {
  const base = operator.replace(/^For(?:Any|All)Values?:/, '').replace(/IfExists$/, '');
  const all = listed(values, MAX_LISTED);
  if (base === 'Null') return `${key} is ${values.includes('true') ? 'not ' : ''}in the request`;
  const isOptional = operator.endsWith('IfExists') || /Not/.test(base);
  const told = `${key} ${WORDS[base] ?? `${operator}`} ${all}`;
  return isOptional ? `${told}, or is not in the request` : told;
};

/** The operators of the conditions of proposed policies, in words. */
const WORDS: Readonly<Record<string, string>> = {
  StringEquals: 'is',
  StringLike: 'is like',
  StringNotEquals: 'is none of',
  StringNotLike: 'is like none of',
  ArnEquals: 'is',
  ArnLike: 'is like',
  ArnNotEquals: 'is none of',
  ArnNotLike: 'is like none of',
  NumericLessThan: 'is below',
  Bool: 'is',
};
