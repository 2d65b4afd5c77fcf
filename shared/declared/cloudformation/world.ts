import { asText } from '../../json/json.ts';
import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';
import type { DeclaredProblem, Fill, Hole, Origin, Origins } from '../declared.ts';
import { ACCOUNT_HOLE, isMadeUp, REGION_HOLE } from '../fill.ts';
import { evaluated, UNKNOWN, type Value } from './evaluation.ts';
import { expression } from './expressions.ts';
import { type Shared, type StackScene, stackScene } from './scene.ts';
import type { Stack } from './stacks.ts';
import type { Output } from './template.ts';

/** The most values and characters that one way to fill the holes may take. Fifty stacks of the CDK take a hundredth of it. */
const MAX_WORK = 50_000_000;
/** The most that all ways may take, which are kept side by side: what is the same in several ways is made once. */
const MAX_WORK_OF_ALL = 150_000_000;
/** How deep values, functions and references may lead into each other. */
const MAX_DEPTH = 400;
const MAX_PROBLEMS = 1000;

/** All stacks while holes are filled in one way. */
export type World = {
  sceneOf: (stack: Stack) => StackScene;
  problems: () => DeclaredProblem[];
  /** The conditions that were asked for so far, and which of them are true. */
  outcomes: () => ReadonlyMap<string, boolean>;
  /** Evaluates something, and tells on which holes it hangs. */
  traced: <T>(evaluate: () => T) => { value: T; trace: Trace };
  /** Reports what was reported when something was evaluated in another world. */
  repeat: (trace: Trace) => void;
};

/** What was asked and reported while something was evaluated. */
export type Trace = {
  holes: Map<string, { hole: Hole; value: string }>;
  problems: Map<string, DeclaredProblem>;
  /** The conditions that were asked for, and which of them are true. */
  outcomes: Map<string, boolean>;
  /** Whether it was given up for its depth or work, which hang on more than the holes. */
  isCut: boolean;
};

/** `RUNNING` while a value is evaluated: who asks for it meanwhile asks in a circle. */
const RUNNING = Symbol('running');

/** What the worlds of the same stacks have taken together. */
export type WorkOfAll = { done: number };

/** Evaluates stacks with the given values of their holes. What was evaluated once is remembered. */
export const world = (stacks: readonly Stack[], fill: Fill, origins: Origins, ofAll: WorkOfAll): World => {
  const scenes = new Map<Stack, { value: StackScene; trace: Trace }>();
  const whole = newTrace();
  const values = new Map<string, { value: Value; trace: Trace } | typeof RUNNING>();
  const partlyUnknown = new WeakSet<object>();
  let exports: { value: Exports; trace: Trace } | undefined;
  let work = 0;
  let depth = 0;
  let current = whole;
  const traced = <T>(evaluate: () => T): { value: T; trace: Trace } => {
    const outer = current;
    const trace = newTrace();
    current = trace;
    try {
      return { value: evaluate(), trace };
    } finally {
      current = outer;
      repeat(trace);
    }
  };
  const repeat = ({ holes, problems, outcomes, isCut }: Trace): void => {
    for (const [name, asked] of holes) current.holes.set(name, asked);
    for (const [name, isTrue] of outcomes) current.outcomes.set(name, isTrue);
    for (const [key, problem] of problems)
      if (current.problems.size < MAX_PROBLEMS) current.problems.set(key, problem);
    current.isCut ||= isCut;
  };
  const report = (origin: Origin, message: string): void => {
    const key = `${origin.file.path} ${origin.pointer} ${message}`;
    if (current.problems.size < MAX_PROBLEMS) current.problems.set(key, { ...origin, message });
  };
  const giveUp = (origin: Origin, message: string): void => {
    current.isCut = true;
    report(origin, message);
  };
  const shared: Shared = {
    stacks,
    fill: (hole) => {
      const value = fill(hole);
      current.holes.set(hole.name, { hole, value });
      return value;
    },
    decided: (condition, isTrue) => void current.outcomes.set(condition, isTrue),
    open: (evaluate) => {
      const { value, trace } = traced(evaluate);
      return {
        value,
        holes: [...trace.holes.values()].filter(({ hole, value: own }) => isMadeUp(hole, own)),
      };
    },
    report,
    spend: (amount, origin) => {
      work += amount;
      ofAll.done += amount;
      const isOver = work > MAX_WORK || ofAll.done > MAX_WORK_OF_ALL;
      if (isOver) giveUp(origin, 'the templates make too much text; from here on their values are unknown');
      return !isOver;
    },
    deeper: (origin, evaluate) => {
      if (depth >= MAX_DEPTH) {
        giveUp(origin, 'references and functions lead too deep; the value is unknown');
        return UNKNOWN;
      }
      depth++;
      try {
        return evaluate();
      } finally {
        depth--;
      }
    },
    note: (made, origin, isKnown) => {
      origins.set(made, origin);
      if (!isKnown) partlyUnknown.add(made);
    },
    known: (value) => {
      if (typeof value === 'symbol') return undefined;
      return typeof value === 'object' && value !== null && partlyUnknown.has(value) ? undefined : value;
    },
    once: (stack, what, origin, evaluate, circle) => {
      const key = `${stack.index} ${what}`;
      const known = values.get(key);
      if (known === RUNNING) {
        report(origin, `${visibleText(cut(what, 200))} depends on itself`);
        // What hangs on a circle hangs on where it was entered.
        current.isCut = true;
        return circle();
      }
      if (known !== undefined) {
        repeat(known.trace);
        return known.value;
      }
      values.set(key, RUNNING);
      const made = traced(() => shared.deeper(origin, evaluate));
      values.set(key, made);
      return made.value;
    },
    exported: (account, region, name) => {
      if (exports) repeat(exports.trace);
      else exports = traced(() => exportsOf(shared));
      return exports.value.get(exportKey(account, region, name));
    },
    sceneOf: (stack) => {
      const known = scenes.get(stack);
      if (known) {
        repeat(known.trace);
        return known.value;
      }
      // While loops are written out, the template is the one with loops, which they may ask for parameters and maps.
      const plain = stackScene(stack, stack.template, shared);
      scenes.set(stack, { value: plain, trace: newTrace() });
      const made = traced(() => writtenOut(stack, plain, shared));
      scenes.set(stack, made);
      return made.value;
    },
  };
  return {
    sceneOf: shared.sceneOf,
    problems: () => [...whole.problems.values()],
    outcomes: () => whole.outcomes,
    traced,
    repeat,
  };
};

/** The scene of a stack with the loops of its template written out. */
const writtenOut = (stack: Stack, plain: StackScene, shared: Shared): StackScene => {
  if (!stack.template.writtenOut) return plain;
  const template = stack.template.writtenOut((collection, origin) => {
    const value = evaluated(expression(collection, { origin, depth: 0, origins: new WeakMap() }), plain);
    if (!Array.isArray(value)) return undefined;
    const items = value.map((each) => asText(shared.known(each)));
    return items.every((item) => item !== undefined) ? items : undefined;
  });
  for (const { message, ...origin } of template.problems) shared.report(origin, message);
  return stackScene(stack, template, shared);
};

const newTrace = (): Trace => ({
  holes: new Map(),
  problems: new Map(),
  outcomes: new Map(),
  isCut: false,
});

type Exports = Map<string, { stack: Stack; output: Output }>;

const exportKey = (account: string, region: string, name: string): string =>
  JSON.stringify([account, region, name]);

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html */
const exportsOf = ({ stacks, sceneOf, fill }: Shared): Exports => {
  const made: Exports = new Map();
  for (const stack of stacks)
    for (const output of sceneOf(stack).template.outputs.values()) {
      if (!output.exportName) continue;
      const name = evaluated(output.exportName, sceneOf(stack));
      const account = stack.account ?? fill(ACCOUNT_HOLE);
      const region = stack.region ?? fill(REGION_HOLE);
      if (typeof name === 'string') made.set(exportKey(account, region, name), { stack, output });
    }
  return made;
};
