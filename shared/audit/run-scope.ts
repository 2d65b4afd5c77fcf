import type { Config } from '../config/schema.ts';
import { configurationDigest } from '../findings/configuration-digest.ts';
import type { ControlOff, RunScope } from '../findings/run-looks.ts';
import { groupBy } from '../group-by.ts';
import type { ConfigList, Control } from '../judging/control.ts';
import { isEnabled, isGivenEmpty, missingLists } from '../judging/evaluate.ts';
import { leftOutOf } from '../judging/judgements.ts';
import { NOT_IN_SNAPSHOT } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';

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

/** A file that a snapshot may lack, and the controls that judge nothing of the account without it. */
export type NotInSnapshot = { file: string; controls: string[] };

/** The files of a snapshot that enabled controls need and that it lacks; none where an account is read live. */
export const notInSnapshot = async (
  reader: Pick<Reader, 'readTrails' | 'readShares'>,
  controls: readonly Control[],
  config: Config,
): Promise<NotInSnapshot[]> => {
  const answers = [
    { fact: 'trails' as const, read: await reader.readTrails() },
    { fact: 'shares' as const, read: await reader.readShares() },
  ];
  return answers.flatMap(({ fact, read }) => {
    const waiting = controls.filter((each) => each.requires.includes(fact) && isEnabled(each, config));
    if (read.ok || read.unread.code !== NOT_IN_SNAPSHOT || waiting.length === 0) return [];
    return [{ file: read.unread.call, controls: waiting.map(({ id }) => id) }];
  });
};

/** The same of results, which may be of another version. */
type Listed = { list: string; controls: string[] };

/** What the configuration of an account keeps from judging. */
export type ConfiguredRun = { account: string } & {
  controlsOff?: readonly ControlOff[] | undefined;
  notConfigured?: readonly Listed[] | undefined;
  configuration?: string | undefined;
};

/**
 * What the configurations of several accounts keep from judging: a list is told once, and a control that judges in some accounts
 * says where it does not.
 */
export const ofSeveralConfigurations = (
  runs: readonly ConfiguredRun[],
): { controlsOff: ControlOff[]; notConfigured: Listed[]; configuration: string } => {
  const off = groupBy(
    runs.flatMap(({ account, controlsOff = [] }) => controlsOff.map((each) => ({ ...each, account }))),
    ({ control, because }) => JSON.stringify([control, because]),
  );
  return {
    controlsOff: [...off.values()].flatMap((ofControl) => {
      const accounts = ofControl.map(({ account }) => account);
      return ofControl
        .slice(0, 1)
        .map(({ account: _, ...each }) => (accounts.length === runs.length ? each : { ...each, accounts }));
    }),
    notConfigured: [
      ...new Map(
        runs.flatMap(({ notConfigured = [] }) => notConfigured).map((each) => [each.list, each]),
      ).values(),
    ],
    configuration: [...new Set(runs.flatMap(({ configuration }) => configuration ?? []))]
      .toSorted()
      .join(' '),
  };
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
