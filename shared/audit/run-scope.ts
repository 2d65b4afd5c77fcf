import type { Config } from '../config/schema.ts';
import { configurationDigest } from '../findings/configuration-digest.ts';
import type { RunScope } from '../findings/run-looks.ts';
import type { ConfigList, Control } from '../judging/control.ts';
import { isEnabled, isGivenEmpty, missingLists } from '../judging/evaluate.ts';
import { leftOutOf } from '../judging/judgements.ts';

/** A list that the configuration does not give, and the controls that cannot judge fully without it. */
export type NotConfigured = { list: ConfigList; controls: string[] };

/** The lists that enabled controls need and the configuration does not give, not even as empty ones. */
export const notConfiguredIn = (controls: readonly Control[], config: Config): NotConfigured[] => {
  const lacking = new Map<ConfigList, string[]>();
  for (const control of controls.filter((each) => isEnabled(each, config)))
    for (const list of missingLists(control, config).filter((each) => !isGivenEmpty(each, config)))
      lacking.set(list, [...(lacking.get(list) ?? []), control.id]);
  return [...lacking].map(([list, ids]) => ({ list, controls: ids }));
};

/**
 * The controls that the configuration switches off or leaves without a list, the lists that it lacks, and a digest of
 * the rest of it.
 */
export const configurationOf = (
  controls: readonly Control[],
  config: Config,
): {
  controlsOff: NonNullable<RunScope['controlsOff']>[number][];
  notConfigured: NotConfigured[];
  configuration: string;
} => ({
  controlsOff: controls.flatMap((control) => {
    const leftOut = leftOutOf(control, config);
    return leftOut ? [{ control: control.id, ...leftOut }] : [];
  }),
  notConfigured: notConfiguredIn(controls, config),
  configuration: configurationDigest(config),
});
