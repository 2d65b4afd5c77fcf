import type { Declare, Hole } from '../../shared/declared/declared.ts';
import { type FilledHole, filling, type KnownOfHoles, mayHoldToken } from '../../shared/declared/fill.ts';
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

/** What a template that has taken nothing away asks: no names. */
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
  const made: { hole: Hole; type: NamedType }[] = [];
  const untold: string[] = [];
  for (const each of ofType(resources, 'role', 'user', 'group', 'managed-policy')) {
    const name = each.type === 'managed-policy' ? arnName(each.arn) : each.name;
    const hole = [...filled.values()].find((of) => isMadeUp(of) && of.value === name)?.hole;
    if (hole) made.push({ hole, type: each.type });
    else if (mayHoldToken(name.toLowerCase()))
      untold.push(untoldText(each.type, each.address, 'a parameter names it'));
  }
  if (made.length === 0) return { names: NO_NAMES.names, untold };
  const { namesOf } = await open();
  const names = new Map<string, string>();
  for (const { hole, type } of made) {
    const found = namesOf(type).filter((name) => isMadeOf(hole.like ?? '', name));
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) names.set(hole.name, only);
    else untold.push(untoldText(type, hole.name, `${counted(found.length, 'name')} would fit`));
  }
  return { names, untold };
};

type NamedType = Parameters<JudgingAccount['namesOf']>[0];

const untoldText = (type: NamedType, address: string, why: string): string =>
  `which ${type} of the account ${address} is (${why}), so that what the account has given it is not judged`;

const isMadeUp = ({ hole, isGiven }: FilledHole): boolean =>
  hole.by === 'generated' && hole.like !== undefined && !isGiven;

/** Whether a name is one that a pattern of CloudFormation makes: the random text at its end has no hyphen, as another logical id would. */
const isMadeOf = (like: string, name: string): boolean => {
  const end = name.lastIndexOf('-') + 1;
  return matchesGlob(like.replace(/\*$/, ''), name.slice(0, end)) && /^[A-Za-z0-9]+$/.test(name.slice(end));
};
