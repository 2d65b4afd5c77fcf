import type { Explanation } from '../shared/iam/explain/explain.ts';
import type { PolicyProblem } from '../shared/iam/policy/policy.ts';
import { visibleText } from '../shared/text/visible-text.ts';

/** A problem in a policy file, or in the request (with the option that caused it). */
export type SimulationProblem = PolicyProblem & ({ file: string } | { option: string });

/** The output of `simulate`: one decision, and the problems of its input. */
export type Simulation = Explanation & { problems: SimulationProblem[] };

/** The simulation for a person: the decision, its reasons, and what would change it. */
export const simulationText = ({
  decision,
  decidedBy,
  missingContext,
  failedLayer,
  nearest,
  because,
  doubts,
  problems,
}: Simulation): string => {
  const level = failedLayer?.level === undefined ? '' : ` at level ${failedLayer.level + 1}`;
  const lines = [
    decision,
    ...decidedBy.map((by) => `  ${by.effect} ${placeOf(by)}`),
    ...(because === undefined ? [] : [`  ${because}`]),
    ...(failedLayer ? [`  no Allow in the ${failedLayer.layer} policies${level}`] : []),
    ...(nearest?.element === 'Action' ? [`  no statement there is for ${nearest.found}`] : []),
    ...(nearest && nearest.element !== 'Action'
      ? [
          `  nearest: ${placeOf(nearest)}`,
          `    ${nearest.element} of the request: ${nearest.found}`,
          `    ${nearest.element} of the statement: ${nearest.expected}`,
        ]
      : []),
    ...missingContext.map((key) => `  not known: ${key}; give it by --context ${key}=VALUE`),
    ...doubts.map((doubt) => `  not known: ${doubt}`),
    ...problems.map(problemLine),
  ];
  return lines.map(visibleText).join('\n');
};

type StatementReference = { policy: string; pointer: string; statement: string | number };

const placeOf = ({ policy, pointer, statement }: StatementReference): string =>
  `${policy}${pointer}${typeof statement === 'string' ? ` (${statement})` : ''}`;

/** A problem in one line: its place and its message. */
export const problemLine = (problem: SimulationProblem): string => {
  const { severity, message, pointer, line, column } = problem;
  if ('option' in problem) return `${severity}: ${problem.option}: ${message}`;
  return `${severity}: ${problem.file}${line === undefined ? pointer : `:${line}:${column}`}: ${message}`;
};
