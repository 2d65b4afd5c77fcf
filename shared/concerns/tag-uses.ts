import type { Evidence } from '../domain/finding.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import { contextOf } from '../iam/decide/context.ts';
import { both, NO, YES } from '../iam/decide/match.ts';
import type { CompiledStatement } from '../iam/decide/policy-index.ts';
import { roleIn } from '../iam/policy/principal.ts';
import { isNetworkLimit } from '../iam/sets/network-limits.ts';
import type { ExceptionTag } from '../policies/scp-exception.ts';
import { listed } from '../text/listed.ts';

const PRINCIPAL_TAG = 'aws:principaltag/';

/** What a tag of the principal does to a statement: whether it is for roles with the tag, or reads the tag’s value. */
type TagUse = 'excepted' | 'meant' | 'compared';

/**
 * Evidence of the statements of SCPs and RCPs that hold otherwise for a role with the tag than for one without, but for those
 * that keep reading from S3 to networks: whoever gives a role the tag for JsonGet changes this as well.
 */
const otherUsesOfTag = ({ layers: { scps, rcps } }: OrganizationFact, tag: ExceptionTag): Evidence[] => {
  const found = [...scps, ...rcps].flatMap(({ statements }) =>
    statements.flatMap((compiled): Evidence[] => {
      const { policy, statement } = compiled;
      const at = `${policy.name}${statement.pointer}`;
      const isForReading =
        policy.kind === 'scp' && isNetworkLimit(statement) && compiled.isAbout('s3:getobject');
      const use = isForReading ? undefined : useOf(compiled, tag);
      if (use === undefined) return [];
      const what = `${statement.effect} of ${actionsOf(compiled)}`;
      const which = `statement ${statement.sid ?? statement.index}`;
      return [
        {
          at,
          found: `${which} ${USES[use](`${tag.key}=${tag.value}`)}: ${what}`,
          expected:
            'a tag by which nothing but the read for JsonGet is decided, or else somebody who knows of this',
        },
      ];
    }),
  );
  return [...new Map(found.map((each) => [each.at, each])).values()];
};

/** The first pieces of evidence, at most so many, and what else the tag changes that would let the roles through. */
export const withOtherUses = (
  [first, ...others]: [Evidence, ...Evidence[]],
  most: number,
  organization: OrganizationFact,
  tag: ExceptionTag | undefined,
): [Evidence, ...Evidence[]] => [
  first,
  ...others.slice(0, most - 1),
  ...(tag ? otherUsesOfTag(organization, tag).slice(0, most) : []),
];

const USES: Readonly<Record<TagUse, (tag: string) => string>> = {
  excepted: (tag) => `excepts roles with the tag ${tag} as well`,
  meant: (tag) => `is for roles with the tag ${tag} alone`,
  compared: (tag) => `reads the value of the tag ${tag}`,
};

const useOf = (compiled: CompiledStatement, tag: ExceptionTag): TagUse | undefined => {
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

const actionsOf = ({ statement: { actions } }: CompiledStatement): string =>
  `${actions.isNot ? 'everything but ' : ''}${listed(actions.texts, MAX_ACTIONS)}`;
