/** A part of a proposal, with notes that its reader should know. */
export type Noted<T> = { value: T; notes: string[] };

/** `1 pipeline`, `2 pipelines`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
