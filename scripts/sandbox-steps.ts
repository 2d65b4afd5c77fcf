/** Whose credentials a command has: an AWS profile each. `account` is the one account of a sandbox without an organization. */
export type Actor = 'account' | 'hub' | 'management' | 'member';

/** Looks at the answer of a command again and again until it tells nothing that is wrong. */
type Check = {
  /** What is wrong with the answer, in words; undefined where nothing is. */
  wrong: (answer: unknown) => string | undefined;
  atMostMinutes: number;
};

/** What is known only while the run goes on, as it stands in commands. */
export type Found = keyof typeof FOUND;
export const FOUND = {
  machine: '<SweepMachineArn>',
  scp: '<PolicyId>',
  topic: '<AlertTopicArn>',
  execution: '<PipelineExecutionArn>',
  auditor: '<AuditFunction>',
} as const;

/** One step: a command, and what undoes it. `pipewarden` runs this checkout; everything else is the AWS CLI. */
export type Step = {
  title: string;
  by: Actor;
  command: readonly string[];
  /** For how long the command itself may run; for five minutes, where it is missing. */
  atMostMinutes?: number;
  check?: Check;
  /** What later commands need of the answer. */
  finds?: { what: Found; in: (answer: unknown) => string | undefined };
  /** What is kept of the answer, redacted, for the questions that AWS’s pages leave open. Then a refusal is an answer, too. */
  keeps?: { as: string; of: (answer: unknown) => unknown };
  /** The answer holds the credentials of a session, with which the steps `inSession` are run. */
  opensSession?: true;
  inSession?: true;
  undo?: readonly string[];
  /** Why no emulator can do it. There it is told as not tried. */
  beyondEmulators?: string;
};

export type Phase = { title: string; steps: readonly Step[] };

/** A plan, and the files that its commands name, by their names in the folder of the run. */
export type Plan = { phases: readonly Phase[]; files: Readonly<Record<string, string>> };

/** All that is made carries this name, so that nothing else is touched. */
export const NAME = 'pipewarden-smoke';

/** A list somewhere in an answer; empty where there is none. */
export const list = (value: unknown, ...path: string[]): unknown[] => {
  const found = path.reduce((at: unknown, key) => (at as Record<string, unknown> | undefined)?.[key], value);
  return Array.isArray(found) ? found : [];
};
export const text = (value: unknown, key: string): string =>
  String((value as Record<string, unknown>)[key] ?? '');

/** The value of an output of the stack in an answer of `describe-stacks`. */
export const outputIn =
  (key: string) =>
  (answer: unknown): string | undefined => {
    const outputs = list(answer, 'Stacks').flatMap((stack) => list(stack, 'Outputs'));
    const output = outputs.find((each) => text(each, 'OutputKey') === key);
    return output === undefined ? undefined : text(output, 'OutputValue');
  };

/** Why nothing of a stack can be asked where the emulators lack what the deployment needs. */
export const NO_DEPLOYMENT =
  'no emulator takes all resources of the templates (archives, alarms on expressions)';

/** What a control says of a resource in Security Hub: that it is wrong (ACTIVE), or that it is mended (ARCHIVED). */
export const findingStep = (
  { by, region }: { by: Actor; region: string },
  {
    title,
    control,
    resource,
    state = 'ACTIVE',
  }: { title: string; control: string; resource: string; state?: 'ACTIVE' | 'ARCHIVED' },
): Step => ({
  title,
  by,
  command: [
    ...['aws', 'securityhub', 'get-findings', '--region', region, '--filters'],
    JSON.stringify({
      GeneratorId: [{ Value: `pipewarden/${control}`, Comparison: 'EQUALS' }],
      ResourceId: [{ Value: resource, Comparison: 'EQUALS' }],
      RecordState: [{ Value: state, Comparison: 'EQUALS' }],
    }),
  ],
  check: {
    wrong: (answer) => (list(answer, 'Findings').length > 0 ? undefined : 'the finding is not there'),
    // CloudTrail sends a record within a quarter of an hour.
    atMostMinutes: 25,
  },
});

/** An execution of the state machine of sweeps, by its name, has succeeded. */
export const sweepSucceeded = (answer: unknown): string | undefined => {
  const sweep = list(answer, 'executions').find((each) => text(each, 'name') === NAME);
  return sweep && text(sweep, 'status') === 'SUCCEEDED'
    ? undefined
    : `it is ${sweep ? text(sweep, 'status') : 'not there'}`;
};
