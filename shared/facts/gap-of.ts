import type { Unchecked } from '../definition/parse.ts';
import type { Gap } from '../domain/gap.ts';

/** The gap for a part of a definition that was not checked. */
export const gapOf = ({ pointer, name, reason }: Unchecked): Gap => ({
  call: pointer,
  code: 'NotChecked',
  message: reason,
  ...(name === '' ? {} : { subject: name }),
});
