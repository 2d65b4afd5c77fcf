/** A Lambda function behind a queue, with a clock of its own. Times are in milliseconds. */
export type Source = {
  /** How many instances run at the same time. */
  instances: number;
  /** How many events one invocation takes at most, and how long it waits for more of them. */
  batch: number;
  windowMs?: number;
  /** How long an invocation with so many events takes; `isFirst`: that of an instance, which starts with it. */
  takes: (events: number, isFirst: boolean) => number;
};

/** What came of the events: when the invocation of each was done, by the order of the arrivals, and the longest invocation. */
export type Simulated = { doneAt: number[]; longestMs: number };

/**
 * Lets events arrive at these times, ascending, and be handled in their order: an instance that is free takes what has arrived.
 */
export const simulate = (
  arrivals: readonly number[],
  { instances, batch, windowMs = 0, takes }: Source,
): Simulated => {
  const freeAt = Array.from({ length: instances }, () => 0);
  const started = new Set<number>();
  const doneAt: number[] = [];
  let longestMs = 0;
  for (let next = 0; next < arrivals.length; ) {
    const first = arrivals[next] ?? 0;
    const full = arrivals[next + batch - 1] ?? Number.POSITIVE_INFINITY;
    const instance = instanceFor(freeAt, started, first);
    const at = Math.max(freeAt[instance] ?? 0, Math.min(full, first + windowMs));
    let events = 1;
    while (events < batch && (arrivals[next + events] ?? Number.POSITIVE_INFINITY) <= at) events++;
    const took = takes(events, !started.has(instance));
    started.add(instance);
    freeAt[instance] = at + took;
    longestMs = Math.max(longestMs, took);
    for (let index = 0; index < events; index++) doneAt.push(at + took);
    next += events;
  }
  return { doneAt, longestMs };
};

/** One that has started and is free, else one that has not started, else the one that is free first. */
const instanceFor = (freeAt: readonly number[], started: ReadonlySet<number>, at: number): number => {
  const idle = [...started].find((instance) => (freeAt[instance] ?? 0) <= at);
  if (idle !== undefined) return idle;
  return freeAt.reduce((least, free, instance) => (free < (freeAt[least] ?? 0) ? instance : least), 0);
};

/** By how much longer a process computes with the share of a core that Lambda gives for its memory. */
const MIB_OF_A_CORE = 1769;

/**
 * How long an invocation takes in Lambda that took so long here, with so much CPU: what it waited for takes as long, and what it
 * computed is stretched.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const inLambda = ({ wallMs, cpuMs }: { wallMs: number; cpuMs: number }, memoryMiB: number): number =>
  Math.max(0, wallMs - cpuMs) + cpuMs * Math.max(1, MIB_OF_A_CORE / memoryMiB);
