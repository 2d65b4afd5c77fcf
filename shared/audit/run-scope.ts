import type { Config } from '../config/schema.ts';
import { configurationDigest } from '../findings/configuration-digest.ts';
import type { RunScope } from '../findings/run-looks.ts';
import type { Control } from '../judging/control.ts';
import { leftOutOf } from '../judging/judgements.ts';

/** The controls that the configuration switches off or leaves without a list, and a digest of the rest of it. */
export const configurationOf = (
  controls: readonly Control[],
  config: Config,
): { controlsOff: NonNullable<RunScope['controlsOff']>[number][]; configuration: string } => ({
  controlsOff: controls.flatMap((control) => {
    const leftOut = leftOutOf(control, config);
    return leftOut ? [{ control: control.id, ...leftOut }] : [];
  }),
  configuration: configurationDigest(config),
});
