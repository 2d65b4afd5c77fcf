/** A third of the samples is enough at a desk, where the tests run again and again, each time with other samples. */
const DESK = 3;

/** The number of samples of a property test: all of them where CI runs it (`CI=true`), as `.ci/run` does. */
export const samples = (all: number): number => (process.env.CI ? all : Math.ceil(all / DESK));
