/** A document of an identity policy. */
export type Document = { Version: '2012-10-17'; Statement: readonly object[] };

/** IAM's limit for a managed policy, not counting white space. */
const MAX_CHARACTERS = 6144;

/** IAM's default limit of managed policies on a role. */
const MAX_ATTACHED = 10;

/**
 * Numbers that look random and are the same in every run
 * (https://en.wikipedia.org/wiki/Linear_congruential_generator).
 */
const randomOf = (seed: number): ((limit: number) => number) => {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

type Random = (limit: number) => number;

const letterOf = (random: Random): string => LETTERS.charAt(random(LETTERS.length));

/** Letters between stars: `*q*x*7*`. */
const stars = (random: Random, letters: number): string =>
  `*${Array.from({ length: letters }, () => `${letterOf(random)}*`).join('')}`;

/** A letter, many question marks and a letter, at any place: the automaton of such a pattern has very many states. */
const marks = (random: Random, length: number): string =>
  `*${letterOf(random)}${'?'.repeat(length)}${letterOf(random)}*`;

/** As many patterns as one statement of a full document holds. */
const filled = (around: object, patternAt: (at: number) => string): string[] => {
  const room = MAX_CHARACTERS - JSON.stringify({ Version: '2012-10-17', Statement: [around] }).length - 20;
  const patterns: string[] = [];
  for (let used = 0; ; ) {
    const pattern = patternAt(patterns.length);
    used += pattern.length + 3;
    if (used > room) return patterns;
    patterns.push(pattern);
  }
};

const documentOf = (...Statement: object[]): Document => ({ Version: '2012-10-17', Statement });

/** The length of the names in the riddle below. */
const RIDDLE_LETTERS = 26;

/**
 * Denies every name except those whose `a` and `b` solve a riddle (https://en.wikipedia.org/wiki/3-SAT) that most
 * likely has no solution. Each pattern denies the names with the three letters that one clause forbids.
 */
const riddle = (random: Random): string[] => {
  const others = Array.from(`${LETTERS.slice(2)}${LETTERS.toUpperCase()}-_.+=,@/`, (letter) => `*${letter}*`);
  const shorter = Array.from({ length: RIDDLE_LETTERS - 1 }, (_, at) => '?'.repeat(at + 1));
  const clauses = Array.from({ length: RIDDLE_LETTERS * 5 }, () => {
    const name = new Array<string>(RIDDLE_LETTERS).fill('?');
    for (let letter = 0; letter < 3; letter++) name[random(RIDDLE_LETTERS)] = 'ab'.charAt(random(2));
    return name.join('');
  });
  return [...others, ...shorter, `${'?'.repeat(RIDDLE_LETTERS + 1)}*`, ...clauses];
};

/** The target of an attack: an action, its ARNs up to the name, and the key of a condition. */
export type Target = { action: string; beginning: string; key: string };

const allow = ({ action }: Target, more: object): object => ({ Effect: 'Allow', Action: action, ...more });
const deny = ({ action }: Target, more: object): object => ({ Effect: 'Deny', Action: action, ...more });

/** Documents that contain the patterns, forty in each. */
const inDocuments = (patterns: readonly string[], statementOf: (of: string[]) => object): Document[] =>
  Array.from({ length: Math.ceil(patterns.length / 40) }, (_, at) =>
    documentOf(statementOf(patterns.slice(at * 40, at * 40 + 40))),
  );

/** Documents that are full of patterns made by one rule. */
const many = (make: (random: Random) => Document): Document[] =>
  Array.from({ length: MAX_ATTACHED }, (_, at) => make(randomOf(at + 1)));

/**
 * Sets of policies of legal size that make questions about them expensive, by their construction. No person would
 * write any of them.
 */
export const hostilePolicies = (target: Target): Record<string, Document[]> => {
  const { beginning, key } = target;
  const full = (statement: (patterns: string[]) => object, patternOf: (random: Random) => string) =>
    many((random) => documentOf(statement(filled(statement([]), () => `${beginning}${patternOf(random)}`))));
  const everything = documentOf(allow(target, { Resource: '*' }));
  const valuesOf = (random: Random) => Array.from({ length: 60 }, () => stars(random, 3));
  return {
    'Allows of stars': full(
      (Resource) => allow(target, { Resource }),
      (random) => stars(random, 6),
    ),
    'Allows of many stars': full(
      (Resource) => allow(target, { Resource }),
      (random) => stars(random, 40),
    ),
    'Allows of question marks': full(
      (Resource) => allow(target, { Resource }),
      (random) => marks(random, 12),
    ),
    'Allows that leave out stars': full(
      (NotResource) => allow(target, { NotResource }),
      (random) => stars(random, 6),
    ),
    'Denies of stars': [
      everything,
      ...full(
        (Resource) => deny(target, { Resource }),
        (random) => stars(random, 6),
      ).slice(1),
    ],
    'Denies of single letters': [
      everything,
      documentOf(deny(target, { Resource: Array.from(LETTERS, (letter) => `${beginning}*${letter}*`) })),
      ...full(
        (Resource) => deny(target, { Resource }),
        (random) => stars(random, 2),
      ).slice(2),
    ],
    'Denies of question marks': [
      everything,
      ...full(
        (Resource) => deny(target, { Resource }),
        (random) => marks(random, 12),
      ).slice(1),
    ],
    'Denies that leave out stars': [
      everything,
      ...full(
        (NotResource) => deny(target, { NotResource }),
        (random) => stars(random, 6),
      ).slice(1),
    ],
    'Allows and Denies of the same letters': many((random) => {
      const half = (make: (Resource: string[]) => object) =>
        make(filled(make([]), () => `${beginning}${stars(random, 4)}`).slice(0, 60));
      return documentOf(
        half((Resource) => allow(target, { Resource })),
        half((Resource) => deny(target, { Resource })),
      );
    }),
    'conditions of stars': many((random) =>
      documentOf(
        ...Array.from({ length: 5 }, () =>
          allow(target, {
            Resource: Array.from({ length: 5 }, () => `${beginning}${stars(random, 3)}`),
            Condition: { StringLike: { [key]: valuesOf(random).slice(0, 40) } },
          }),
        ),
      ),
    ),
    'Denies under conditions of stars': [
      everything,
      ...many((random) =>
        documentOf(
          ...Array.from({ length: 5 }, () =>
            deny(target, {
              Resource: Array.from({ length: 5 }, () => `${beginning}${stars(random, 3)}`),
              Condition: { StringLike: { [key]: valuesOf(random).slice(0, 40) } },
            }),
          ),
        ),
      ).slice(1),
    ],
    'Denies that pose a riddle': [
      everything,
      ...inDocuments(riddle(randomOf(1)), (patterns) =>
        deny(target, { Resource: patterns.map((pattern) => `${beginning}${pattern}`) }),
      ),
    ],
    'one pattern of nothing but stars and question marks': many(() =>
      documentOf(allow(target, { Resource: [`${beginning}${'?*'.repeat(2900)}a`] })),
    ),
  };
};
