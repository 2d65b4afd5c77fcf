import { createInterface } from 'node:readline/promises';

/** Where a question goes, and where its answer comes from. */
export type Terminal = {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream & { isTTY?: boolean };
};

/**
 * Whether a person says yes to a question; undefined where no person is there to be asked. Anything but y or yes, and
 * the end of the input, is a no.
 */
export const confirmed = async (
  question: string,
  { input, output }: Terminal,
): Promise<boolean | undefined> => {
  if (input.isTTY !== true || output.isTTY !== true) return undefined;
  const lines = createInterface({ input, output });
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), ended]);
    return ['y', 'yes'].includes(answer.trim().toLowerCase());
  } finally {
    lines.close();
  }
};
