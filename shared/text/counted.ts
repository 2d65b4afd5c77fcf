/** `1 pipeline`, `2 pipelines`; a noun with an unusual plural brings it. The only place that knows singular and plural. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;
