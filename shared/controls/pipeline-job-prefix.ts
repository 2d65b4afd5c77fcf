import { DEFAULT_NAMES, describePrefixes, usablePrefix } from '../authorised/prefixes.ts';
import { hasJobName, stepNameAnswer, useOfStep } from '../authorised/step-name.ts';
import type { Prefix } from '../config/schema.ts';
import { displayText, type ResolveScope, resolveScope, resolveText } from '../definition/expression.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { stepType } from '../definition/step-types.ts';
import { stepBaseName, stepImages } from '../definition/step-values.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { Facts } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';
import { advised } from '../judging/verdicts.ts';

export const control = defineControl({
  id: 'pipeline-job-prefix',
  system: 'Job prefixes',
  title: 'Every job step carries an authorised base job name',
  severity: 'HIGH',
  on: ['pipeline', 'execution'],
  lint: true,
  requires: ['pipeline', 'definition', 'overrides'],
  needs: ['prefixes'],
  evaluate: ({ pipeline, definition, overrides }, { prefixes = [] }) => {
    const steps = definition.steps.filter(hasJobName);
    const scope = resolveScope(definition, pipeline.name, overrides);
    const verdicts = steps.flatMap((step) => judgeStep(step, scope, pipeline, prefixes));
    const isOff =
      steps.length > 1 &&
      steps.every((step) => stepBaseName(step) === undefined) &&
      verdicts.length > 0 &&
      verdicts.every(({ status }) => status === 'FAILED');
    return isOff ? [prefixingIsOff(verdicts)] : verdicts;
  },
});

const judgeStep = (
  step: Step,
  scope: ResolveScope,
  pipeline: Facts['pipeline'],
  prefixes: readonly Prefix[],
): Verdict[] => {
  const judged = stepNameAnswer(step, scope, pipeline, prefixes);
  if (!judged) return [];
  const { answer, because, name, hangsOn } = judged;
  const isUseOpen = answer === 'unknown' && hangsOn === 'use' && pipeline.name === undefined;
  const use = useOfStep(step, pipeline);
  const base = stepBaseName(step);
  if (answer === 'yes') return [{ status: 'PASSED', subject: step.name }];
  const path = stepType(step.type).name?.field ?? '';
  const pointer = base?.pointer ?? stepPointer(step, path.split('.'));
  const shown = name ? displayText(name) : 'no base job name';
  const authorised = prefixes.filter(({ prefix }) => prefix !== DEFAULT_NAMES);
  const listed = authorised.length === 0 ? '' : `: ${describePrefixes(authorised, use)}`;
  const evidence: Evidence = {
    at: pointer,
    found: `${shown}${because ? ` (${because})` : ''}${imageNote(step, shown, scope)}`,
    expected: `a base job name with one of the authorised prefixes${listed}`,
  };
  const room = stepType(step.type).name?.maxPrefixLength ?? Number.POSITIVE_INFINITY;
  const wanted = usablePrefix(
    prefixes.filter(({ prefix }) => prefix.length <= room),
    use,
  );
  const patch = JSON.stringify([{ op: base ? 'replace' : 'add', path: pointer, value: wanted }]);
  return [
    {
      status: answer === 'no' ? 'FAILED' : 'NOT_AVAILABLE',
      subject: step.name,
      evidence: [evidence],
      remediation: advised(
        isUseOpen
          ? `Give lint the name of the pipeline (--pipeline-name), or the output of aws sagemaker describe-pipeline in place of the definition alone, which tells its role as well: the prefix is for certain ones.`
          : wanted
            ? `Set ${path.replace('Arguments.', '')} of step ${step.name} to ${wanted} (or ${wanted}-…) and update the pipeline.${base ? '' : ` ${sdkDrops(step)}`}`
            : `Authorise a prefix of at most ${room} characters for ${step.type} steps of this pipeline in pipewarden.yaml, or take the step out.`,
        wanted && !isUseOpen ? patch : undefined,
      ),
    },
  ];
};

/**
 * Why a definition may lack the name although the code gives one.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html and sagemaker-python-sdk #6323
 */
const sdkDrops = ({ type }: Pick<Step, 'type'>): string =>
  `The SageMaker Python SDK leaves the name out unless PipelineDefinitionConfig(use_custom_job_prefix=True) is set${
    type === 'Training' || type === 'Tuning'
      ? '; of ModelTrainer and HyperparameterTuner it keeps the name from 3.28.0 on'
      : ''
  }.`;

const imageNote = (step: Step, name: string, scope: ResolveScope): string => {
  const images = stepImages(step).map(({ value }) => displayText(resolveText(value, scope)));
  const isTaken = images.some((image) => image.split('/').at(-1)?.split(/[:@]/)[0] === name);
  return isTaken ? '; the SDK took the name of the image, as no base job name was given' : '';
};

const prefixingIsOff = (verdicts: readonly Verdict[]): Verdict => {
  const evidence = verdicts.flatMap((verdict) => ('evidence' in verdict ? verdict.evidence : []));
  const patches = verdicts.flatMap((verdict) =>
    'remediation' in verdict && verdict.remediation.patch
      ? (JSON.parse(verdict.remediation.patch) as unknown[])
      : [],
  );
  const [first = { at: '/Steps', found: '', expected: '' }, ...others] = evidence;
  return {
    status: 'FAILED',
    evidence: [first, ...others],
    remediation: advised(
      'Prefixing is off for this pipeline: no job step carries a base job name. Give each its base job name, set ' +
        'PipelineDefinitionConfig(use_custom_job_prefix=True) and update the pipeline. Of ModelTrainer and ' +
        'HyperparameterTuner, SDK 3 keeps the name from 3.28.0 on.',
      patches.length === evidence.length ? JSON.stringify(patches) : undefined,
    ),
  };
};
