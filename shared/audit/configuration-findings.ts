import type { Evidence, Finding } from '../domain/finding.ts';
import type { Resource } from '../domain/resource.ts';
import type { GatheredFacts } from '../facts/gathered.ts';
import type { ControlVerdict } from '../judging/control.ts';
import { isEnabled } from '../judging/evaluate.ts';
import { counted } from '../text/counted.ts';
import { type JudgeContext, observe, toFinding } from './observe.ts';
import { notConfiguredIn } from './run-scope.ts';

const CONFIGURATION: Resource = { type: 'configuration', arn: 'pipewarden.yaml' };

const NO_FACTS: GatheredFacts<'configuration'> = {};

/** The findings on the configuration itself: missing lists, and the verdicts of controls on the lists it has. */
export const configurationFindings = (context: JudgeContext): Finding[] => [
  ...notConfiguredFinding(context),
  ...observe(CONFIGURATION, NO_FACTS, { ...context, countsPasses: false }).findings,
];

/** One finding for all lists that the configuration lacks and that controls need. */
const notConfiguredFinding = (context: JudgeContext): Finding[] => {
  const { config, controls } = context;
  const reporter = controls.find(
    (control) => control.id === 'evidence-readable' && isEnabled(control, config),
  );
  const lacking = notConfiguredIn(controls, config);
  const [first, ...others] = lacking.map(
    ({ list, controls: waiting }): Evidence => ({
      at: list,
      found: `not configured: ${counted(waiting.length, 'control')} cannot judge fully (${waiting.join(', ')})`,
      expected: `what is in use, or ${emptyOf(list)} if there is none`,
    }),
  );
  if (!reporter || !first) return [];
  return [
    configurationFinding(
      {
        control: reporter,
        verdict: {
          status: 'WARNING',
          severity: 'INFORMATIONAL',
          evidence: [first, ...others],
          remediation: {
            text: `Add ${lacking.map(({ list }) => list).join(', ')} to pipewarden.yaml: pipewarden init finds what is in use. Write ${emptyOf(first.at)} if there is none.`,
          },
        },
      },
      context,
    ),
  ];
};

/** How the configuration says that there is nothing for a list. */
const emptyOf = (list: string): string => {
  const [outer = list, inner] = list.split('.');
  if (list === 'scpException') return 'scpException: null';
  return inner === undefined ? `${list}: []` : `${outer}: { ${inner}: [] }`;
};

/** A finding on the configuration, dated now. */
export const configurationFinding = (verdict: ControlVerdict, context: JudgeContext): Finding =>
  toFinding(verdict, CONFIGURATION, context, context.now());
