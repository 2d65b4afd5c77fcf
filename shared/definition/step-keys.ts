import { displayText, knownText, type ResolveScope } from './expression.ts';
import type { Step } from './parse.ts';
import { followText } from './step-reference.ts';
import { valuesAt } from './step-values.ts';

/** The id, ARN or alias of a KMS key that encrypts what a step writes, or the volumes of its instances. */
export type StepKey = { pointer: string; key: string; use: 'output' | 'volume' };

type KeyFields = Record<StepKey['use'], readonly string[]>;

const tuning = (definition: string): KeyFields => ({
  output: [`${definition}.OutputDataConfig.KmsKeyId`],
  volume: [
    `${definition}.ResourceConfig.VolumeKmsKeyId`,
    `${definition}.HyperParameterTuningResourceConfig.VolumeKmsKeyId`,
    `${definition}.HyperParameterTuningResourceConfig.InstanceConfigs[].VolumeKmsKeyId`,
  ],
});
const single = tuning('Arguments.TrainingJobDefinition');
const several = tuning('Arguments.TrainingJobDefinitions[]');

/** Redshift's own key is not there: the cluster's role uses it. */
const processing: KeyFields = {
  output: [
    'Arguments.ProcessingOutputConfig.KmsKeyId',
    'Arguments.ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.KmsKeyId',
  ],
  volume: ['Arguments.ProcessingResources.ClusterConfig.VolumeKmsKeyId'],
};

const KEY_FIELDS: ReadonlyMap<string, KeyFields> = new Map([
  [
    'Training',
    { output: ['Arguments.OutputDataConfig.KmsKeyId'], volume: ['Arguments.ResourceConfig.VolumeKmsKeyId'] },
  ],
  [
    'Tuning',
    { output: [...single.output, ...several.output], volume: [...single.volume, ...several.volume] },
  ],
  ['Processing', processing],
  ['QualityCheck', processing],
  ['ClarifyCheck', processing],
  [
    'Transform',
    {
      output: ['Arguments.TransformOutput.KmsKeyId', 'Arguments.DataCaptureConfig.KmsKeyId'],
      volume: ['Arguments.TransformResources.VolumeKmsKeyId'],
    },
  ],
  [
    'AutoML',
    {
      output: ['Arguments.OutputDataConfig.KmsKeyId'],
      volume: [
        'Arguments.AutoMLJobConfig.SecurityConfig.VolumeKmsKeyId',
        'Arguments.SecurityConfig.VolumeKmsKeyId',
      ],
    },
  ],
]);

/** The KMS keys that a step names, where they are wholly known; an empty text stands for none. */
export const stepKeys = (
  step: Step,
  scope: ResolveScope,
): { keys: StepKey[]; open: { pointer: string; reason: string }[] } => {
  const fields = KEY_FIELDS.get(step.type) ?? { output: [], volume: [] };
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
