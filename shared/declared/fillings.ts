import { suffixOf } from '../domain/regions.ts';
import type { Scope } from '../domain/scope.ts';
import { matchesGlob } from '../iam/policy/glob.ts';
import type { DeclaredResource } from './declared.ts';
import { ACCOUNT, type FilledHole, type Filling, isNamed, REGION, token } from './fill.ts';
import { type DeclaredText, type TextPlace, textsOf } from './texts.ts';
import { valueMatching } from './unify.ts';

/** The ways to fill holes that what is in play can tell apart. */
export type Fillings = {
  /** Each differs from the first filling in one hole. */
  single: readonly Filling[];
  /** Each differs in all holes that have a value for it. */
  joint: readonly Filling[];
  /** What is tried for each hole besides its first value. */
  values: ReadonlyMap<string, readonly string[]>;
  /** Holes of which not all values are tried, because there are too many. */
  untried: readonly FilledHole['hole'][];
};

/** The most values of one hole that are tried. */
const MAX_VALUES = 24;

/**
 * How many fillings may differ from the first one in one hole alone, by how many resources each of them has looked at. Where there
 * are more, each value is tried together with values of other holes.
 */
const MAX_SINGLE = 160;
const LEAST_SINGLE = 8;
const MAX_LOOKS = 4000;

/** How much longer the longest value of a hole is taken to be, in characters. */
const LONG = 'x'.repeat(48);

/**
 * The fillings besides the first one. A value of a hole matters only if some text in play can tell it apart from the first one: a
 * pattern that matches it, a text that is equal to it, a bound on its length. `inPlay`: texts of the configuration and of the
 * account beside what is declared.
 */
export const fillingsOf = (
  resources: readonly DeclaredResource[],
  filled: ReadonlyMap<string, FilledHole>,
  inPlay: readonly string[],
): Fillings => {
  const texts = distinct(textsOf(resources));
  const patterns = patternsIn(texts, inPlay);
  const repositories = [...new Set(resources.map(({ scope }) => repositoriesOf(scope)))];
  const values = new Map<string, readonly string[]>();
  const untried: FilledHole['hole'][] = [];
  for (const each of filled.values()) {
    if (each.isGiven || isPlace(each.hole)) continue;
    const found = [...new Set(valuesOf(each, texts, patterns, repositories))].filter(
      (value) => value !== each.value,
    );
    if (found.length > MAX_VALUES) untried.push(each.hole);
    if (found.length > 0) values.set(each.hole.name, found.slice(0, MAX_VALUES));
  }
  const all = [...values].flatMap(([name, own]) => own.map((value): Filling => new Map([[name, value]])));
  const places = placesFor(filled, [...texts.map(({ text }) => text), ...inPlay]);
  if (places.length > MAX_PLACES)
    untried.push(...[...filled.values()].flatMap(({ hole }) => (isPlace(hole) ? hole : [])));
  const isFew = all.length <= affordableWays(resources.length, MAX_SINGLE);
  return {
    single: [...places.slice(0, MAX_PLACES), ...(isFew ? all : [])],
    joint: isFew ? (values.size < 2 ? [] : jointOf(values)) : halvesOf(values).flatMap(jointOf),
    values,
    untried,
  };
};

/** How many ways are looked at where each of them has so many resources. */
export const affordableWays = (resources: number, most: number): number =>
  Math.max(LEAST_SINGLE, Math.min(most, MAX_LOOKS / resources));

export const isPlace = (hole: FilledHole['hole']): boolean => isNamed(hole, ACCOUNT) || isNamed(hole, REGION);

/** The most accounts and Regions that are tried. */
const MAX_PLACES = 12;

/**
 * Fillings of the account and the Region, which belong together: those of each ARN in play, and each account that a text names. All
 * stacks that do not tell their own get the same ones.
 */
const placesFor = (filled: ReadonlyMap<string, FilledHole>, texts: readonly string[]): Filling[] => {
  const open = (wanted: string) =>
    [...filled.values()].flatMap(({ hole, isGiven }) => (!isGiven && isNamed(hole, wanted) ? hole.name : []));
  const [accounts, regions] = [open(ACCOUNT), open(REGION)];
  if (accounts.length + regions.length === 0) return [];
  const found = new Map<string, Filling>();
  const add = (account: string | undefined, region: string | undefined): void => {
    const filling = new Map([
      ...(account === undefined ? [] : accounts.map((name): [string, string] => [name, account])),
      ...(region === undefined ? [] : regions.map((name): [string, string] => [name, region])),
    ]);
    if (filling.size > 0) found.set(JSON.stringify([...filling]), filling);
  };
  const made = new Set([...filled.values()].map(({ value }) => value));
  for (const text of texts) {
    const [, region, account] = /^arn:[^:]*:[^:]*:([a-z]{2,4}(?:-[a-z]+)+-\d)?:(\d{12})?:/.exec(text) ?? [];
    const own = (value: string | undefined) => (value === undefined || made.has(value) ? undefined : value);
    if (region !== undefined || account !== undefined) add(own(account), own(region));
    for (const [number] of text.matchAll(/(?<!\d)\d{12}(?!\d)/g))
      if (!made.has(number)) add(number, undefined);
  }
  for (const { hole } of filled.values())
    for (const text of isPlace(hole) ? (hole.compared ?? []) : [])
      if (isNamed(hole, ACCOUNT)) add(text, undefined);
      else add(undefined, text);
  return [...found.values()];
};

/** The first values of all holes together, the second ones, and so on. */
const jointOf = (values: ReadonlyMap<string, readonly string[]>): Filling[] => {
  const most = Math.max(...[...values.values()].map((own) => own.length));
  return Array.from(
    { length: most },
    (_, index): Filling =>
      new Map([...values].map(([name, own]) => [name, own[index % own.length] ?? own[0] ?? ''])),
  );
};

/**
 * All holes, and halves of them, so that of any two holes each has its values tried while the other one has its first value.
 */
const halvesOf = (
  values: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]>[] => {
  const all = [...values];
  const bits = Math.ceil(Math.log2(Math.max(all.length, 2)));
  const halves = Array.from({ length: bits }, (_, bit) =>
    [0, 1].map((wanted) => new Map(all.filter((_each, index) => ((index >> bit) & 1) === wanted))),
  );
  return [values, ...halves.flat().filter((half) => half.size > 0)];
};

/** A text that can tell values apart, and where: in the configuration, in a condition, or in the field of this name. */
type PatternText = {
  text: string;
  from: 'configuration' | 'condition' | 'resource' | 'field';
  field: string;
};

const patternsIn = (texts: readonly DeclaredText[], inPlay: readonly string[]): PatternText[] => {
  const found = new Map<string, PatternText>();
  const add = (each: PatternText): void => void found.set(JSON.stringify(each), each);
  for (const text of inPlay) add({ text: asArn(text), from: 'configuration', field: '' });
  for (const each of texts.filter(isTelling)) {
    const { text, place } = each;
    if (place.in === 'policy')
      add({ text: asArn(text), from: place.element === 'Condition' ? 'condition' : 'resource', field: '' });
    else add({ text: asArn(text), from: isArn(asArn(text)) ? 'resource' : 'field', field: place.field });
    const [, bucket] = /^s3:\/\/([^/]+)/.exec(text) ?? [];
    if (bucket !== undefined) add({ text: bucket, from: 'field', field: 'bucket' });
  }
  return [...found.values()];
};

const isArn = (text: string): boolean => text.startsWith('arn:');

/** Whether a text of that field can be compared with the pattern at all: ARNs with ARNs, and names with names. */
const isComparable = (
  text: string,
  place: TextPlace | undefined,
  { text: pattern, from, field: other }: PatternText,
): boolean => {
  if (isArn(text)) return isArn(pattern) || /^[*?]/.test(pattern);
  if (isArn(pattern)) return false;
  if (from === 'configuration' || from === 'condition') return true;
  // A condition may ask about any of them: tags, subnets, names.
  return (
    from === 'field' && (place?.in === 'policy' || (place !== undefined && isSameKind(place.field, other)))
  );
};

/** Whether two fields hold names of the same things: some fields of what is attached name what another one is. */
const isSameKind = (field: string, other: string): boolean =>
  field === other || (NAMING[field]?.includes(other) ?? false);

const NAMING: Readonly<Record<string, readonly string[]>> = {
  bucket: ['name'],
  GroupList: ['name', 'GroupName'],
  group: ['name'],
  user: ['name'],
};

const valuesOf = (
  { hole, value }: FilledHole,
  texts: readonly DeclaredText[],
  patterns: readonly PatternText[],
  repositories: readonly string[],
): string[] => {
  const allowed = hole.values ?? [];
  // Who deploys it takes the value by default, unless the source itself lists other ones.
  if (allowed.length > 0 || hole.byDefault !== undefined) return [...allowed];
  const like = hole.like ?? '?*';
  const own = texts.filter(({ text }) => text.includes(value));
  const found: string[] = [...(hole.compared ?? [])];
  const tryWith = (text: string, place: TextPlace | undefined, among: readonly PatternText[]): void => {
    const parts = text.split(value);
    if (parts.length < 2) return;
    // A name that is made up begins and ends as its stack and logical id tell.
    const around = [`${parts[0]}${like.slice(0, firstWildcard(like))}`, ...parts.slice(1)];
    const isValue = (each: string): boolean =>
      each !== '' && matchesGlob(like, each) && isPossible(hole, parts, each);
    for (const pattern of among) {
      const { text: other } = pattern;
      if (other === text || !isComparable(text, place, pattern)) continue;
      if (isApart(around, other) || matchesGlob(other, text)) continue;
      const match = valueMatching(parts, like, other);
      if (match !== undefined && isValue(match) && matchesGlob(other, text.replaceAll(value, match)))
        found.push(match);
    }
  };
  for (const { text, place } of own) {
    if (!isAction(place)) continue;
    tryWith(text, place, ACTIONS);
    if (text.endsWith(value)) found.push('*');
  }
  const ofConfiguration = patterns.filter(({ from }) => from === 'configuration');
  for (const { text, place } of own) {
    const asked = asArn(text);
    tryWith(asked, place, patterns);
    // The configuration names jobs, pipelines and roles without their ARNs.
    if (isArn(asked))
      for (const part of asked.split(/[:/]/).filter((each) => each.includes(value)))
        tryWith(part, undefined, ofConfiguration);
  }
  if (hole.by === 'given' && hole.like === undefined) {
    if (own.some(({ text, place }) => place.in === 'policy' && text === value)) found.push('*');
    if (own.some(({ text, place }) => text === value && isPrincipal(place))) found.push(SAGEMAKER);
    if (own.some(isName)) found.push(`${token(hole.name)}${LONG}`);
    // An image may lie in a repository, which only some roles may read.
    if (own.some((each) => isImage(each, value)))
      found.push(...repositories.map((each) => `${each}${token(hole.name)}`));
  }
  return found;
};

/** Whether AWS takes the value where the hole stands: names that it makes up, and names of buckets, have neither colons nor slashes. */
const isPossible = (hole: FilledHole['hole'], parts: readonly string[], value: string): boolean => {
  const [start = ''] = parts;
  const isBucket = /^arn:[^:]*:s3:::/.test(start) && !start.includes('/');
  const isMadeUp = hole.by === 'generated' && !/[:/]/.test(hole.like ?? '');
  return !(isBucket || isMadeUp) || NAME.test(value);
};

/** Whether the beginning or the end of a text, outside of its hole, already rules a pattern out. */
const isApart = (parts: readonly string[], pattern: string): boolean => {
  const [start = ''] = parts;
  const end = parts.at(-1) ?? '';
  const literalStart = pattern.slice(0, firstWildcard(pattern));
  const least = Math.min(start.length, literalStart.length);
  if (start.slice(0, least) !== literalStart.slice(0, least)) return true;
  if (/[*?]$/.test(pattern) || end === '') return false;
  const last = pattern.slice(Math.max(pattern.lastIndexOf('*'), pattern.lastIndexOf('?')) + 1);
  const most = Math.min(end.length, last.length);
  return end.slice(end.length - most) !== last.slice(last.length - most);
};

const firstWildcard = (pattern: string): number => {
  const at = pattern.search(/[*?]/);
  return at < 0 ? pattern.length : at;
};

/** Policies name objects of S3 and repositories of images by ARN, and definitions by URI. */
const asArn = (text: string): string => {
  if (text.startsWith('s3://')) return `arn:aws:s3:::${text.slice('s3://'.length)}`;
  const [, account, region, name] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[a-z.]+\/([^:@]+)/.exec(text) ?? [];
  return name === undefined ? text : `arn:aws:ecr:${region}:${account}:repository/${name}`;
};

/** What AWS makes up are names, or has a form of its own. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html */
const NAME = /^[\w+=,.@-]+$/;

/** Whether the hole is the beginning of an image of a container. */
const isImage = ({ text, place }: DeclaredText, value: string): boolean =>
  place.in !== 'policy' && /Image/i.test(place.field) && text.startsWith(value);

/** What the images in an account’s own repositories begin with. https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
const repositoriesOf = ({ account, region, partition }: Scope): string =>
  `${account}.dkr.ecr.${region}.${suffixOf(partition)}/`;

/** Whether the text is a name, whose length has a bound. */
const isName = ({ text, place }: DeclaredText): boolean =>
  place.in !== 'policy' && /Name$/.test(place.field) && !/^(arn:|s3:\/\/)/.test(text);

/** Whether a text can tell a hole’s value apart: an action names no resource. */
const isTelling = ({ place }: DeclaredText): boolean => !isAction(place);

const isAction = (place: TextPlace): boolean =>
  place.in === 'policy' && (place.element === 'Action' || place.element === 'NotAction');

/** Actions about which controls ask, and all of their services: a hole in an action may make any of them of it. */
const ACTIONS = [
  'iam:*',
  'iam:PassRole',
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'iam:CreatePolicyVersion',
  'iam:TagRole',
  'sts:*',
  'sts:AssumeRole',
  'sagemaker:*',
  'sagemaker:CreatePipeline',
  'sagemaker:UpdatePipeline',
  'sagemaker:StartPipelineExecution',
  'sagemaker:CreateTrainingJob',
  'sagemaker:CreateProcessingJob',
  's3:*',
  's3:GetObject',
  's3:PutObject',
  'kms:*',
  'kms:Decrypt',
].map((text): PatternText => ({ text, from: 'condition', field: '' }));

const isPrincipal = (place: TextPlace): boolean =>
  place.in === 'policy' && (place.element === 'Principal' || place.element === 'NotPrincipal');

/** Whom execution roles have to trust. */
const SAGEMAKER = 'sagemaker.amazonaws.com';

const distinct = (texts: readonly DeclaredText[]): DeclaredText[] => [
  ...new Map(
    texts.map((each) => [
      JSON.stringify([each.text, each.place.in, each.place.in === 'policy' ? '' : each.place.field]),
      each,
    ]),
  ).values(),
];
