/** A part of a proposal, with notes that its reader should know. */
export type Noted<T> = { value: T; notes: string[] };
