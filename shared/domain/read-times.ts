/** When each kind of evidence that a reader may keep for a while was read, in milliseconds since 1970. */
export type ReadTimes = Readonly<Record<string, number>>;
