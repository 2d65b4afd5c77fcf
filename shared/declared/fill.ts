import type { Fill, Hole } from './declared.ts';

/** What the text of a hole has to look like where it is used as a whole. */
export type Form = 'text' | 'role' | 'policy' | 'key' | 's3' | `resource ${string}`;

/** One way to fill the holes: values by the names of holes. Holes that it leaves out have their first value. */
export type Filling = ReadonlyMap<string, string>;

/** What is known of holes before the deployment. */
export type KnownOfHoles = {
  /** Values that the user gives, by the names under which holes take them. */
  given: ReadonlyMap<string, string>;
  /** What holes have to look like, by their names. */
  forms: ReadonlyMap<string, Form>;
};

/** A hole that was asked for, with the value that it got. `isFirst`: nobody gave that value. */
export type FilledHole = { hole: Hole; value: string; isGiven: boolean };

export const ACCOUNT = 'AWS::AccountId';
export const REGION = 'AWS::Region';

/** Whether a hole is the account or the Region of a stack. */
export const isNamed = ({ parameter, name }: Hole, wanted: string): boolean => (parameter ?? name) === wanted;

/** A Fill, and the holes that it was asked for so far. */
export const filling = (
  { given, forms }: KnownOfHoles,
  chosen: Filling,
): { fill: Fill; filled: ReadonlyMap<string, FilledHole> } => {
  const filled = new Map<string, FilledHole>();
  const fill: Fill = (hole) => {
    const known = filled.get(hole.name);
    if (known) {
      const compared = [...new Set([...(known.hole.compared ?? []), ...(hole.compared ?? [])])];
      // Each source compares it with texts of its own.
      if (compared.length > (known.hole.compared ?? []).length)
        filled.set(hole.name, { ...known, hole: { ...known.hole, compared } });
      return known.value;
    }
    const own =
      given.get(hole.name) ?? (hole.parameter === undefined ? undefined : given.get(hole.parameter));
    const value =
      own ??
      chosen.get(hole.name) ??
      hole.byDefault ??
      hole.values?.[0] ??
      freshValue(
        hole,
        forms.get(hole.name) ?? 'text',
        () => fill(ACCOUNT_HOLE),
        () => fill(REGION_HOLE),
      );
    filled.set(hole.name, { hole, value, isGiven: own !== undefined });
    return value;
  };
  return { fill, filled };
};

/** The account and the Region that a source is deployed to, where it does not say so. */
export const ACCOUNT_HOLE: Hole = {
  name: ACCOUNT,
  parameter: ACCOUNT,
  by: 'given',
  like: '????????????',
  tell: `give --parameter ${ACCOUNT}=111122223333, or --snapshot or --live`,
};
export const REGION_HOLE: Hole = {
  name: REGION,
  parameter: REGION,
  by: 'given',
  tell: `give --parameter ${REGION}=eu-west-1, or --snapshot or --live`,
};

/** FNV-1a with 64 bits: no two names of one source need be kept apart by more. http://www.isthe.com/chongo/tech/comp/fnv/ */
const digest = (name: string): bigint => {
  let hash = 0xcbf29ce484222325n;
  for (const character of name)
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
  return hash;
};

/** A text that nothing else has: the same for the same name, of letters alone, so that it is valid wherever names are. */
export const token = (name: string): string =>
  `q${[...digest(name).toString(16).padStart(16, '0').slice(0, 12)].map((digit) => 'bcdfghjkmnprstvw'[Number.parseInt(digit, 16)]).join('')}`;

/** Whether a text in lower case may hold a token. */
export const mayHoldToken = (text: string): boolean => /q[bcdfghjkmnprstvw]{12}/.test(text);

/** Whether nobody knows anything of a hole’s value, which was made up for it. */
export const isMadeUp = (hole: Hole, value: string): boolean =>
  hole.byDefault === undefined &&
  (hole.values ?? []).length === 0 &&
  (isNamed(hole, ACCOUNT) ? value === madeUpAccount(hole) : value.includes(token(hole.name)));

const madeUpAccount = ({ name }: Hole): string => `9${String(digest(name) % 10n ** 11n).padStart(11, '0')}`;

/** A value that is unlike all else. */
const freshValue = (hole: Hole, form: Form, account: () => string, region: () => string): string => {
  const own = token(hole.name);
  if (isNamed(hole, ACCOUNT)) return madeUpAccount(hole);
  if (isNamed(hole, REGION)) return `us-${own}-1`;
  if (hole.like !== undefined) return hole.like.replaceAll('*', own).replaceAll('?', 'q');
  if (form === 'role' || form === 'policy') return `arn:aws:iam::${account()}:${form}/${own}`;
  if (form === 'key') return `arn:aws:kms:${region()}:${account()}:key/${own}`;
  if (form === 's3') return `s3://${own}/${own}`;
  if (form.startsWith('resource ')) {
    const service = form.slice('resource '.length);
    return service === 's3' ? `arn:aws:s3:::${own}` : `arn:aws:${service}:${region()}:${account()}:${own}`;
  }
  return own;
};
