import { contextOf } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { both, NO, YES } from '../iam/decide/match.ts';
import type { CompiledStatement } from '../iam/decide/policy-index.ts';
import { roleIn } from '../iam/policy/principal.ts';
import { listed } from '../text/listed.ts';

/** A tag of a principal, which policies compare by aws:PrincipalTag. */
type PrincipalTag = { key: string; value: string };

/** What a tag of the principal does to a statement: whether it is for principals with the tag, or reads the tag’s value. */
export type TagUse = 'excepted' | 'meant' | 'compared';

const PRINCIPAL_TAG = 'aws:principaltag/';

/** What a tag does to a statement; undefined if the statement holds alike for principals with the tag and without it. */
export const tagUseOf = (compiled: CompiledStatement, tag: PrincipalTag): TagUse | undefined => {
  const keyName = `${PRINCIPAL_TAG}${tag.key.toLowerCase()}`;
  const { conditions, resources } = compiled.statement;
  const tests = compiled.conditions.filter((_, at) => conditions[at]?.keyName === keyName);
  const holdsFor = (value: string | null) => {
    const request = { ...REQUEST, context: contextOf({ [keyName]: value }) };
    return tests.map((test) => test(request)).reduce(both, YES);
  };
  const [tagged, others] = [holdsFor(tag.value), holdsFor(null)];
  if (tagged !== others && tagged === NO) return 'excepted';
  if (tagged !== others && others === NO) return 'meant';
  const texts = [...(resources?.texts ?? []), ...conditions.flatMap((condition) => condition.texts)];
  const isCompared = texts.some((text) => text.toLowerCase().includes(`\${${keyName}`));
  return tagged !== others || isCompared ? 'compared' : undefined;
};

/** Any request: only the tag in it is looked at. */
const REQUEST = {
  principal: roleIn({ partition: 'aws', account: '111122223333' }),
  action: 's3:GetObject',
  resource: '*',
} as const;

/** A person recognises a statement by a few of its actions. */
const MAX_ACTIONS = 4;

/** The first actions of a statement, as it writes them. */
export const actionsText = ({ statement: { actions } }: CompiledStatement): string =>
  `${actions.isNot ? 'everything but ' : ''}${listed(actions.texts, MAX_ACTIONS)}`;

const MAX_STATEMENTS = 5;

/**
 * What a tag changes for whoever acts as the principal that gets it, or loses it: each statement of its policies, SCPs and
 * RCPs that holds otherwise then.
 */
export const tagEffects = (
  { identity, boundary, scps = [], rcps = [] }: Policies,
  tag: PrincipalTag,
  isSet: boolean,
): string | undefined => {
  const effects = [identity, boundary, ...scps, ...rcps].flatMap((index) =>
    (index?.statements ?? []).flatMap((compiled): string[] => {
      const { policy, statement } = compiled;
      const use = tagUseOf(compiled, tag);
      if (use === undefined) return [];
      const which = `the ${statement.effect} ${statement.sid ?? statement.index} of ${policy.name}`;
      if (use === 'compared') return [`${which} reads the tag’s value`];
      return (use === 'excepted') === isSet
        ? [`${which} no longer applies to ${actionsText(compiled)}`]
        : [`${which} applies to ${actionsText(compiled)}`];
    }),
  );
  return effects.length > 0 ? listed([...new Set(effects)], MAX_STATEMENTS) : undefined;
};
