/** The name of the error of a part that every listing writes, and that is not there or cannot be read. */
export const PART_LOST = 'IndexPartLost';

/** That error. `what`: a sentence without its full stop, which says of which part. */
export const partLost = (what: string): Error =>
  Object.assign(new Error(`${what}: an inventory makes the index anew`), { name: PART_LOST });
