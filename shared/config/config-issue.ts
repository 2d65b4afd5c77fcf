/** The keys and indexes from the root of the configuration. */
export type ConfigPath = (string | number)[];

/** A problem of a configuration: where it is, and what is wrong. `isKey`: the key is wrong, and not its value. */
export type ConfigIssue = { path: ConfigPath; message: string; isKey?: boolean };

/** A problem before its message says what a misspelt word may mean: the word, and the names that there are. */
export type FoundIssue = ConfigIssue & { near?: { word: string; names: readonly string[] } };
