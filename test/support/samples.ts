/** A third of the samples is enough at a desk, where the tests run again and again, each time with other samples. */
const DESK = 3;

/** The number of samples of a property test: all of them where CI runs it (`CI=true`), as `.ci/run` does. */
export const samples = (all: number): number => (process.env.CI ? all : Math.ceil(all / DESK));

const MOST_ROUNDS = 10;

/**
 * What rounds of a property test showed, sorted. There are more rounds while they lack something wanted, because a few
 * samples may lack what is rare.
 */
export const shownBy = (wanted: readonly string[], round: () => readonly string[]): string[] => {
  const shown = new Set<string>();
  for (let rounds = 0; rounds < MOST_ROUNDS && !wanted.every((each) => shown.has(each)); rounds++)
    for (const each of round()) shown.add(each);
  return [...shown].toSorted();
};
