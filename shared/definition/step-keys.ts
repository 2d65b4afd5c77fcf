import { displayText, knownText, type ResolveScope } from './expression.ts';
import type { Step } from './parse.ts';
import { followText } from './step-reference.ts';
import type { KeyFields } from './step-type-names.ts';
import { stepType } from './step-types.ts';
import { valuesAt } from './step-values.ts';

/** The id, ARN or alias of a KMS key that encrypts a step's output or the volumes of its instances. */
export type StepKey = { pointer: string; key: string; use: keyof KeyFields };

/** The KMS keys that a step names. Keys that only a run can tell are in `open`; an empty text means no key. */
export const stepKeys = (
  step: Step,
  scope: ResolveScope,
): { keys: StepKey[]; open: { pointer: string; reason: string }[] } => {
  const fields = stepType(step.type).keys;
  const found = (['output', 'volume'] as const).flatMap((use) =>
    fields[use]
      .flatMap((path) => valuesAt(step, path))
      .map(({ pointer, value }) => ({ pointer, use, resolved: followText(value, scope) })),
  );
  const keys: StepKey[] = [];
  const open: { pointer: string; reason: string }[] = [];
  for (const { pointer, use, resolved } of found) {
    const key = knownText(resolved);
    if (key === undefined)
      open.push({ pointer, reason: `the KMS key ${displayText(resolved)} is only known in a run` });
    else if (key !== '') keys.push({ pointer, key, use });
  }
  return { keys, open };
};
