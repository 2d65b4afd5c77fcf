import type { Finding } from '../domain/finding.ts';
import { addressesOf } from './addresses.ts';
import { findingsOfAll, type JudgedFilling } from './compare.ts';
import type { Declare, Declared } from './declared.ts';
import { type FilledHole, type Filling, filling } from './fill.ts';
import { fillingsOf } from './fillings.ts';
import { formsOf } from './forms.ts';
import { type DeclaredPlace, declaredPlaces } from './places.ts';
import { namesInPlace, shownFinding } from './shown.ts';

/** What declared resources came to. */
export type JudgedDeclarations = {
  /** What is told of the declared resources, with the places in the sources where the evidence stands. */
  findings: readonly { finding: Finding; place: DeclaredPlace | undefined }[];
  /** What is declared with the first values of all holes. */
  first: Declared;
  filled: ReadonlyMap<string, FilledHole>;
  /** In how many ways the holes were filled. */
  ways: number;
  /** Holes of which not all values could be tried. */
  untried: readonly FilledHole['hole'][];
  /** Writes the names of holes in place of their values. */
  shown: (text: string) => string;
};

/** Judges what is declared with one way to fill the holes. The findings contain passed verdicts. */
export type JudgeDeclared = (declared: Declared) => Promise<readonly Finding[]>;

/**
 * Judges declared resources in each way to fill their holes that texts in play can tell apart. A verdict is told only if it is the
 * same in all of them. `given`: values of holes by their names. `inPlay`: texts of the configuration and of the account.
 */
export const judgeDeclared = async ({
  declare,
  given,
  inPlay,
  judge,
}: {
  declare: Declare;
  given: ReadonlyMap<string, string>;
  inPlay: readonly string[];
  judge: JudgeDeclared;
}): Promise<JudgedDeclarations> => {
  const plain = filling({ given, forms: new Map() }, new Map());
  const forms = formsOf(declare(plain.fill).resources, plain.filled);
  const known = { given, forms };
  const judged = async (chosen: Filling): Promise<JudgedFilling & { declared: Declared }> => {
    const { fill } = filling(known, chosen);
    const declared = declare(fill);
    return { findings: await judge(declared), chosen, declared, addressOf: addressesOf(declared.resources) };
  };
  const { fill, filled } = filling(known, new Map());
  const declared = declare(fill);
  const first = {
    findings: await judge(declared),
    chosen: new Map(),
    declared,
    addressOf: addressesOf(declared.resources),
  };
  const { single, joint, untried } = fillingsOf(declared.resources, filled, inPlay);
  const others: (JudgedFilling & { declared: Declared })[] = [];
  for (const chosen of [...single, ...joint]) others.push(await judged(chosen));
  const shown = namesInPlace(filled);
  const all = [first, ...others];
  const placeOf = declaredPlaces(all);
  return {
    findings: findingsOfAll(first, others, filled).map((finding) => {
      const of = all.find(({ addressOf }) => addressOf.has(finding.resource.arn.toLowerCase())) ?? first;
      const scope = of.declared.resources.find(
        ({ address }) => address === of.addressOf.get(finding.resource.arn.toLowerCase()),
      )?.scope;
      return {
        finding: shownFinding(finding, scope ?? { account: '', region: '', partition: 'aws' }, shown),
        place: placeOf(finding),
      };
    }),
    first: declared,
    filled,
    ways: all.length,
    untried,
    shown,
  };
};
