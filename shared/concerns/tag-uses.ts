import type { Evidence } from '../domain/finding.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import { isNetworkLimit } from '../iam/sets/network-limits.ts';
import { actionsText, type TagUse, tagUseOf } from '../judging/tag-effects.ts';
import type { ExceptionTag } from '../policies/scp-exception.ts';

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
      const use = isForReading ? undefined : tagUseOf(compiled, tag);
      if (use === undefined) return [];
      const what = `${statement.effect} of ${actionsText(compiled)}`;
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
