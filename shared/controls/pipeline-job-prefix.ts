import { DEFAULT_NAMES, describePrefixes, usablePrefix } from '../authorised/prefixes.ts';
import { hasJobName, stepNameAnswer, useOfStep } from '../authorised/step-name.ts';
import type { Prefix } from '../config/schema.ts';
import { displayText, type ResolveScope, resolveScope } from '../definition/expression.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import {
  baseNameAdvice,
  droppedBaseName,
  PREFIXING,
  PREFIXING_SINCE,
  takenFrom,
  trainingMaker,
} from '../definition/sdk-advice.ts';
import { stepType } from '../definition/step-types.ts';
import { stepBaseName } from '../definition/step-values.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { Facts } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { defineControl } from '../judging/control.ts';
import { stepPrefix } from '../judging/satisfying-steps.ts';
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
  satisfiedBy: stepPrefix,
  evaluate: ({ pipeline, definition, overrides }, { prefixes = [] }) => {
    const steps = definition.steps.filter(hasJobName);
    const scope = resolveScope(definition, pipeline.name, overrides);
    const isPrefixing = steps.some(showsPrefixing);
    const judged = steps.map((step) => ({
      step,
      verdicts: judgeStep(step, { scope, pipeline, prefixes, isPrefixing }),
    }));
    const verdicts = judged.flatMap((each) => each.verdicts);
    const isOff =
      steps.length > 1 &&
      steps.every((step) => stepBaseName(step) === undefined) &&
      verdicts.length > 0 &&
      verdicts.every(({ status }) => status === 'FAILED');
    return isOff
      ? [
          prefixingIsOff(
            verdicts,
            judged.map(({ step }) => step),
          ),
        ]
      : verdicts;
  },
});

/** Whether the step has a name that the SDK writes only where prefixing is on. A notebook’s step has its name always. */
const showsPrefixing = (step: Step): boolean =>
  stepBaseName(step) !== undefined && trainingMaker(step) !== 'notebook';

const SETTING = ` Also set ${PREFIXING} on the pipeline (${PREFIXING_SINCE}), or the SDK leaves the name out.`;

type Given = {
  scope: ResolveScope;
  pipeline: Facts['pipeline'];
  prefixes: readonly Prefix[];
  isPrefixing: boolean;
};

const judgeStep = (step: Step, { scope, pipeline, prefixes, isPrefixing }: Given): Verdict[] => {
  const judged = stepNameAnswer(step, scope, pipeline, prefixes);
  if (!judged) return [];
  const { answer, because, name, hangsOn } = judged;
  const isUseOpen = answer === 'unknown' && hangsOn === 'use' && untoldOf(pipeline) !== undefined;
  const use = useOfStep(step, pipeline);
  const base = stepBaseName(step);
  if (answer === 'yes') return [{ status: 'PASSED', subject: step.name }];
  const path = stepType(step.type).name?.field ?? '';
  const pointer = base?.pointer ?? stepPointer(step, path.split('.'));
  const shown = name && displayText(name);
  const why = because ? ` (${because})` : '';
  const authorised = prefixes.filter(({ prefix }) => prefix !== DEFAULT_NAMES);
  const listed = authorised.length === 0 ? '' : `: ${describePrefixes(authorised, use)}`;
  const evidence: Evidence = {
    at: pointer,
    found:
      shown === undefined
        ? `step ${step.name} has no base job name${why}${droppedNote(step, isPrefixing)}`
        : `step ${step.name} has the base job name ${shown}${why}${takenNote(step, shown, scope)}`,
    expected: `a base job name with one of the authorised prefixes${listed}`,
  };
  const room = stepType(step.type).name?.maxPrefixLength;
  const most = room === undefined ? '' : ` of at most ${room} characters`;
  const wanted = usablePrefix(
    prefixes.filter(({ prefix }) => room === undefined || prefix.length <= room),
    use,
  );
  const tooLong = wanted === undefined ? usablePrefix(prefixes, use) : undefined;
  const setting = base !== undefined || isPrefixing || trainingMaker(step) === 'notebook' ? '' : SETTING;
  const patch = JSON.stringify([{ op: base ? 'replace' : 'add', path: pointer, value: wanted }]);
  return [
    {
      status: answer === 'no' ? 'FAILED' : 'NOT_AVAILABLE',
      subject: step.name,
      evidence: [evidence],
      remediation: advised(
        isUseOpen
          ? `Step ${step.name}: ${untoldOf(pipeline)}`
          : wanted
            ? `Step ${step.name}: give it the base job name ${wanted} (or ${wanted}-…). ${baseNameAdvice(step, wanted)}${setting} Without the SDK: set ${path.replace('Arguments.', '')}. Then update the pipeline.`
            : `Step ${step.name}: authorise a prefix${most} for ${step.type} steps of this pipeline in pipewarden.yaml${tooLong === undefined ? '' : ` (${tooLong}, which it allows here, is too long)`}, and give the step a base job name with it. ${baseNameAdvice(step)}${setting} Without the SDK: set ${path.replace('Arguments.', '')}. Then update the pipeline.`,
        wanted && !isUseOpen ? patch : undefined,
      ),
    },
  ];
};

/** What to do where a prefix is for certain pipelines or roles, and a file does not tell which one it is of. */
const untoldOf = ({ name, roleArn }: Facts['pipeline']): string | undefined => {
  const request =
    'the request of create-pipeline (PipelineName, RoleArn and PipelineDefinition in one JSON object) or the output of aws sagemaker describe-pipeline in place of the definition alone';
  if (name === undefined)
    return `give lint the name of the pipeline (--pipeline-name) or, where the prefix is for certain roles, ${request}: the prefix is for certain ones.`;
  return roleArn === undefined
    ? `give lint ${request}: the prefix is for certain roles, and the definition does not tell under which one the pipeline runs.`
    : undefined;
};

/**
 * Why a definition may lack the name although the code gives one.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html and sagemaker-python-sdk #6323
 */
const droppedNote = (step: Step, isPrefixing: boolean): string => {
  const dropped = droppedBaseName(step);
  if (dropped !== undefined) return `: SDK 3 left out ${dropped}, which the place of its code still has`;
  const isOfOldSdk = isPrefixing && (step.type === 'Training' || step.type === 'Tuning');
  return isOfOldSdk ? ', though others have: SDK 3 before 3.28.0 leaves it out' : '';
};

const takenNote = (step: Step, name: string, scope: ResolveScope): string => {
  switch (takenFrom(step, name, scope)) {
    case 'image':
      return '; the SDK took the name of the image, as no base job name was given';
    case 'SDK 3':
      return '; SDK 3 wrote it in place of the given name';
    case undefined:
      return '';
  }
};

const prefixingIsOff = (verdicts: readonly Verdict[], steps: readonly Step[]): Verdict => {
  const evidence = verdicts.flatMap((verdict) => ('evidence' in verdict ? verdict.evidence : []));
  const patches = verdicts.flatMap((verdict) =>
    'remediation' in verdict && verdict.remediation.patch
      ? (JSON.parse(verdict.remediation.patch) as unknown[])
      : [],
  );
  const [first = { at: '/Steps', found: '', expected: '' }, ...others] = evidence;
  const ways = [...groupBy(steps, (step) => baseNameAdvice(step))].map(
    ([advice, [step]]) => `${step?.name}: ${advice}`,
  );
  return {
    status: 'FAILED',
    evidence: [first, ...others],
    remediation: advised(
      `Prefixing is off for this pipeline: no job step carries a base job name. Set ${PREFIXING} on the pipeline (${PREFIXING_SINCE}), give each step its base job name, and update the pipeline. ${listedSentences(ways)}`,
      patches.length === evidence.length ? JSON.stringify(patches) : undefined,
    ),
  };
};

const MOST_WAYS = 3;

const listedSentences = (ways: readonly string[]): string =>
  ways.length > MOST_WAYS
    ? `${ways.slice(0, MOST_WAYS).join(' ')} And so on for the others.`
    : ways.join(' ');
