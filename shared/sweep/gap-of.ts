import type { Gap } from '../domain/gap.ts';

/** A call of the sweep itself that failed, as a gap. */
export const gapOf = (call: string, error: unknown): Gap => {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { call, code: name, message: message.slice(0, 500) };
};
