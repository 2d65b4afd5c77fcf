/**
 * Something that a process has to tell once. What fails is told again when somebody asks the next time, so that it neither fails a batch,
 * which would take the batch’s messages with it, nor is forgotten.
 */
export const toldBeside = (tell: () => Promise<void>): (() => Promise<void>) => {
  let telling: Promise<void> | undefined;
  return () => {
    telling ??= tell().catch((error: unknown) => {
      telling = undefined;
      throw error;
    });
    return telling;
  };
};
