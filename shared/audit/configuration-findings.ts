import type { Finding } from '../domain/finding.ts';
import type { Resource } from '../domain/resource.ts';
import type { GatheredFacts } from '../facts/gathered.ts';
import type { ConfigList, ControlVerdict } from '../judging/control.ts';
import { isEnabled, missingLists } from '../judging/evaluate.ts';
import { type JudgeContext, observe, toFinding } from './observe.ts';

const CONFIGURATION: Resource = { type: 'configuration', arn: 'pipewarden.yaml' };

const NO_FACTS: GatheredFacts<'configuration'> = {};

/** The findings on the configuration itself: missing lists, and the verdicts of controls on the lists it has. */
export const configurationFindings = (context: JudgeContext): Finding[] => [
  ...missingListFindings(context),
  ...observe(CONFIGURATION, NO_FACTS, { ...context, countsPasses: false }).findings,
];

/** One finding for each list that the configuration lacks and that controls need. */
const missingListFindings = (context: JudgeContext): Finding[] => {
  const { config } = context;
  const controls = context.controls.filter((control) => isEnabled(control, config));
  const reporter = controls.find(({ id }) => id === 'evidence-readable');
  if (!reporter) return [];
  const waitingFor = (list: ConfigList) =>
    controls.filter((control) => missingLists(control, config).includes(list)).map(({ id }) => id);
  const lists = new Set(controls.flatMap((control) => missingLists(control, config)));
  const verdicts = [...lists].map((list): ControlVerdict => {
    const waiting = waitingFor(list).join(' and ');
    return {
      control: reporter,
      verdict: {
        status: 'WARNING',
        severity: 'INFORMATIONAL',
        subject: list,
        evidence: [
          { at: list, found: 'not configured', expected: `the list that ${waiting} compares resources with` },
        ],
        remediation: {
          text: `Add ${list} to pipewarden.yaml, so that ${waiting} can judge: pipewarden init finds what is in use.`,
        },
      },
    };
  });
  return verdicts.map((verdict) => configurationFinding(verdict, context));
};

/** A finding on the configuration, dated now. */
export const configurationFinding = (verdict: ControlVerdict, context: JudgeContext): Finding =>
  toFinding(verdict, CONFIGURATION, context, context.now());
