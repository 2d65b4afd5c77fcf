import * as z from 'zod/mini';

const sweepId = z.string().check(z.regex(/^[\w.:-]{1,100}$/));
const account = z.string().check(z.regex(/^\d{12}$/));
const text = z.string().check(z.maxLength(40_000));

/** Asks whether an index is there that was made since this time (milliseconds since 1970). It repeats the `since` that the function returned. */
const since = z.exactOptional(z.number());

/** `finished` is set after all messages of the sweep were sent. It repeats the `until` that the function returned. */
const ofOwnAccount = z.strictObject({ sweepId, since, finished: z.exactOptional(z.iso.datetime()) });

/** Asks for the accounts of a sweep: all that are watched, or some of them. */
const ofAccounts = z.strictObject({
  sweepId,
  accounts: z.union([z.literal(true), z.array(account).check(z.minLength(1), z.maxLength(1000))]),
});

/** One account of a sweep: to be listed, sent completely (`finished`), or not to be swept (`failed`: the error and its cause). */
const ofAccount = z.strictObject({
  sweepId,
  account,
  since,
  finished: z.exactOptional(z.iso.datetime()),
  failed: z.exactOptional(z.strictObject({ error: text, cause: text })),
});

const input = z.union([ofOwnAccount, ofAccounts, ofAccount]);

export type SweepInput = z.infer<typeof input>;
export type SweepOfAccounts = z.infer<typeof ofAccounts> | z.infer<typeof ofAccount>;

/** What the state machine asks of the function. @throws {Error} for any other event. */
export const readInput = (event: unknown): SweepInput => input.parse(event);
