/** When each kind of evidence that may have been kept was read, in milliseconds since 1970. */
export type ReadTimes = Readonly<Record<string, number>>;
