import type { Declare } from '../../shared/declared/declared.ts';
import { type FilledHole, filling, type KnownOfHoles } from '../../shared/declared/fill.ts';
import { ofType } from '../../shared/declared/of-type.ts';
import { arnName } from '../../shared/domain/arn.ts';
import { matchesGlob } from '../../shared/iam/policy/glob.ts';
import { counted } from '../../shared/text/counted.ts';
import type { JudgingAccount } from './declared-account.ts';

/** Names that CloudFormation has made up for what a stack has, by logical id. */
export type MadeNames = {
  names: ReadonlyMap<string, string>;
  /** What of the stack nobody finds in the account. */
  untold: readonly string[];
};

export const NO_NAMES: MadeNames = { names: new Map(), untold: [] };

/**
 * The names that users, roles, groups and managed policies of a stack have got, where the account has just one that begins and ends as
 * CloudFormation makes up names: with the stack, the logical id and a random text.
 */
export const madeNames = async (
  before: Declare,
  given: KnownOfHoles['given'],
  open: () => Promise<Pick<JudgingAccount, 'namesOf'>>,
): Promise<MadeNames> => {
  const { fill, filled } = filling({ given, forms: new Map() }, new Map());
  const { resources } = before(fill);
  const made = ofType(resources, 'role', 'user', 'group', 'managed-policy').flatMap((each) => {
    const name = each.type === 'managed-policy' ? arnName(each.arn) : each.name;
    const hole = [...filled.values()].find((of) => isMadeUp(of) && of.value === name)?.hole;
    return hole ? [{ hole, type: each.type }] : [];
  });
  if (made.length === 0) return NO_NAMES;
  const { namesOf } = await open();
  const names = new Map<string, string>();
  const untold: string[] = [];
  for (const { hole, type } of made) {
    const found = namesOf(type).filter((name) => isMadeOf(hole.like ?? '', name));
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) names.set(hole.name, only);
    else
      untold.push(
        `which ${type} of the account ${hole.name} is (${counted(found.length, 'name')} would fit), so that what the account has given it is not judged`,
      );
  }
  return { names, untold };
};

const isMadeUp = ({ hole, isGiven }: FilledHole): boolean =>
  hole.by === 'generated' && hole.like !== undefined && !isGiven;

/** Whether a name is one that a pattern of CloudFormation makes: the random text at its end has no hyphen, as another logical id would. */
const isMadeOf = (like: string, name: string): boolean => {
  const end = name.lastIndexOf('-') + 1;
  return matchesGlob(like.replace(/\*$/, ''), name.slice(0, end)) && /^[A-Za-z0-9]+$/.test(name.slice(end));
};
