import type { ControlSeverities } from '../config/exceptions.ts';
import { DEFAULT_CONFIG, type FileConfig } from '../config/schema.ts';
import { CONTROLS } from '../controls/index.ts';
import type { Evidence, Finding } from '../domain/finding.ts';
import type { Unread } from '../domain/gap.ts';
import type { Resource } from '../domain/resource.ts';
import type { GatheredFacts } from '../facts/gathered.ts';
import { configurationDigest } from '../findings/configuration-digest.ts';
import { expireDaysOf } from '../findings/group-finished.ts';
import type { Observation } from '../findings/state.ts';
import type { ControlVerdict } from '../judging/control.ts';
import { isEnabled } from '../judging/evaluate.ts';
import { found } from '../reader/read-result.ts';
import { accountRequest } from '../requests/resource-requests.ts';
import { counted } from '../text/counted.ts';
import { type JudgeContext, observe, toFinding } from './observe.ts';
import { notConfiguredIn } from './run-scope.ts';

const CONFIGURATION: Resource = { type: 'configuration', arn: 'pipewarden.yaml' };

/**
 * The findings on the configuration itself: missing lists, and the verdicts of controls on the lists it has. `file`: the whole
 * configuration, of which the context has what one account is judged by.
 */
export const configurationFindings = (
  context: JudgeContext,
  file: FileConfig = context.config,
): Finding[] => [
  ...notConfiguredFinding(context),
  ...observe(CONFIGURATION, configurationFacts(file, context.now()), { ...context, countsPasses: false })
    .findings,
];

/** The control that judges what a configuration excepts. */
const OF_EXCEPTIONS = 'exceptions-scoped';

/** What a deployment says of its whole configuration: what it excepts too broadly. */
export const configurationObservation = (context: JudgeContext, file: FileConfig): Observation =>
  observe(CONFIGURATION, configurationFacts(file, context.now()), {
    ...context,
    controls: context.controls.filter(({ id }) => id === OF_EXCEPTIONS),
  });

/**
 * The observation that a deployment lets more pass than the configuration before it, which nobody can judge again, so that it expires.
 * `changes`: places in the configuration, and what is new there. `change`: what tells this change from others.
 */
export const changedConfiguration = (
  changes: readonly Pick<Evidence, 'at' | 'found'>[],
  change: string,
  context: JudgeContext,
): Observation => {
  const resource: Resource = { type: 'event', arn: `${CONFIGURATION.arn}, ${change}` };
  const [first, ...others] = changes.map(({ at, found: what }) => ({
    at,
    found: what,
    expected: 'the same as in the configuration that was in force before',
  }));
  const now = context.now();
  const findings = context.controls
    .filter(({ id }) => id === OF_EXCEPTIONS)
    .flatMap((control) =>
      first
        ? toFinding(
            {
              control,
              verdict: {
                status: 'WARNING',
                severity: 'HIGH',
                evidence: [first, ...others],
                remediation: { text: CHANGE_ADVICE },
              },
            },
            resource,
            context,
            now,
          )
        : [],
    );
  return {
    resourceArn: resource.arn,
    observedAt: now.toISOString(),
    gone: false,
    findings,
    judged: { [OF_EXCEPTIONS]: { is: 'mixed', passed: [] } },
    configuration: configurationDigest(context.config),
    expireDays: expireDaysOf(context.config),
  };
};

const CHANGE_ADVICE =
  'See that each of these was meant and reviewed. If not, deploy the configuration as it was, and find out who has deployed this one: CloudTrail records UpdateStack of the stack, and UpdateFunctionConfiguration20150331v2 of its functions.';

/** The facts of a configuration at a time. */
const configurationFacts = (file: FileConfig, now: Date): GatheredFacts<'configuration'> => ({
  configurationFile: found({
    file,
    today: now.toISOString().slice(0, 10),
    accountControls: ACCOUNT_CONTROLS,
  }),
});

/** The severities that controls have where the configuration gives them none. */
export const OWN_SEVERITIES: ControlSeverities = new Map(CONTROLS.map(({ id, severity }) => [id, severity]));

const ACCOUNT_CONTROLS: ReadonlySet<string> = new Set(
  CONTROLS.filter(({ on }) => on.every((type) => type === 'account')).map(({ id }) => id),
);

/**
 * The finding on an account that nothing can be judged by, because its configuration hangs on something that is not known. No
 * other finding is made then: those that are open stay as they are.
 */
export const unknownConfigurationFindings = (
  unread: Unread,
  context: Omit<JudgeContext, 'config'>,
): Finding[] => {
  const { resource } = accountRequest(context.reader.scope, []);
  const controls = context.controls.filter(({ id }) => id === REPORTER);
  const facts = { gaps: found([unread]) };
  return observe(resource, facts, { ...context, controls, config: DEFAULT_CONFIG }).findings;
};

/** The control that tells what the others could not see. */
const REPORTER = 'evidence-readable';

/** One finding for all lists that the configuration lacks and that controls need. */
const notConfiguredFinding = (context: JudgeContext): Finding[] => {
  const { config, controls } = context;
  const reporter = controls.find((control) => control.id === REPORTER && isEnabled(control, config));
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
