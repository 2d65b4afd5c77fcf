import { asList, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { keeping, once } from '../memo.ts';
import type { Entry } from './entries.ts';

/** In an inline policy: its document is left out. No policy of IAM has such a field, as an entry keeps the others alone. */
export const IS_LEFT_OUT = 'IsLeftOut';

export const INLINE = ['RolePolicyList', 'UserPolicyList'] as const;

/** What each user or role says of its own. The key of its entry tells the ARN and the name. */
const NAMES: ReadonlySet<string> = new Set(['Arn', 'RoleName', 'UserName']);
const OWN: ReadonlySet<string> = new Set(['RoleId', 'UserId', 'Tags', 'RoleLastUsed']);

/**
 * What many users or roles say alike in an outline. Most of an account’s thousands are allowed nothing that looks ask about, and differ
 * in little but their names, so that one is read for all of them.
 */
export type Likeness = {
  /** Up to the path: `arn:aws:iam::111122223333:role/`. */
  beginning: string;
  /** The outline as JSON, with null for what each says of its own. */
  text: string;
  /** The same as an object. */
  outline: () => JsonObject;
  /** The names of what each says of its own, in the order of the outline. */
  own: () => readonly string[];
};

/** What a part says of one of them: what of the key stands behind the beginning, when AWS was asked, and the values of its own. */
export type Member = readonly [end: string, asOf: number, ...own: Json[]];

/** The entry of a user or role that is like others. Its value is made when somebody asks for it. */
export class AlikeEntry implements Entry {
  readonly likeness: Likeness;
  readonly member: Member;
  #value: JsonObject | undefined;

  constructor(likeness: Likeness, member: Member) {
    this.likeness = likeness;
    this.member = member;
  }

  get asOf(): number {
    return this.member[1];
  }

  get value(): JsonObject {
    this.#value ??= valueIn(this);
    return this.#value;
  }
}

/** Many parts, and many readings of one part, tell the same likeness. So many are kept, of that length; a hostile account has others. */
const MAX_LIKENESSES = 300;
const MAX_CHARACTERS = 2000;
const kept = keeping<Likeness>(MAX_LIKENESSES);

/** The same likeness for the same texts, so that entries are compared quickly. */
export const likenessOf = (beginning: string, text: string): Likeness =>
  kept(`${beginning} ${text}`, () => {
    const outline = once(() => JSON.parse(text) as JsonObject);
    return {
      beginning,
      text,
      outline,
      own: once(() => Object.keys(outline()).filter((name) => OWN.has(name))),
    };
  });

/** What a user or role says of its own besides the ARN and the name, as IAM lists it. */
export const ownOf = ({ likeness, member }: AlikeEntry): JsonObject => {
  const found: JsonObject = {};
  let at = 2;
  for (const name of likeness.own()) found[name] = member[at++] ?? null;
  return found;
};

const valueIn = (entry: AlikeEntry): JsonObject => {
  const { likeness, member } = entry;
  const key = likeness.beginning + member[0];
  const value = { ...likeness.outline(), ...ownOf(entry) };
  for (const name of Object.keys(value)) if (NAMES.has(name)) value[name] = nameIn(name, key);
  return value;
};

const BEGINNING = /^arn:[^:/]*:iam::\d*:(?:role|user)\//;

/** What an entry would say as one of several that are alike. */
export type Likely = Pick<Likeness, 'beginning' | 'text'> & { member: Member };

/** The entry as one that may be like others; undefined where it says something that is read for itself. */
export const likelyOf = (key: string, entry: Entry): Likely | undefined => {
  if (entry instanceof AlikeEntry) {
    const { likeness, member } = entry;
    return { beginning: likeness.beginning, text: likeness.text, member };
  }
  const [beginning] = BEGINNING.exec(key) ?? [];
  if (beginning === undefined) return undefined;
  const { asOf, value } = entry;
  if (!isObject(value) || member(value, 'Arn') !== key || !saysLittle(value)) return undefined;
  const shared: JsonObject = {};
  const own: Json[] = [];
  for (const [name, said] of Object.entries(value)) {
    if (NAMES.has(name) && said !== nameIn(name, key)) return undefined;
    if (OWN.has(name)) own.push(said);
    shared[name] = NAMES.has(name) || OWN.has(name) ? null : said;
  }
  const text = JSON.stringify(shared);
  if (text.length > MAX_CHARACTERS) return undefined;
  return { beginning, text, member: [key.slice(beginning.length), asOf, ...own] };
};

const nameIn = (name: string, key: string): string =>
  name === 'Arn' ? key : key.slice(key.lastIndexOf('/') + 1);

/** Nothing of its own but policies whose documents are left out. Groups and instance profiles name others. */
const saysLittle = (value: JsonObject): boolean =>
  INLINE.every((list) =>
    asList(member(value, list)).every((policy) => member(policy, IS_LEFT_OUT) === true),
  ) && ['GroupList', 'InstanceProfileList'].every((list) => asList(member(value, list)).length === 0);
