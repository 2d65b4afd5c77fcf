import type { SuiteOutcome } from './suite.ts';

/** The table of a suite, and the line of totals that ends it. */
export const tableOf = ({ clean, faulty, burst, difference, seconds }: SuiteOutcome): string => {
  const { faults, kills } = faulty;
  const [duplicates, malformed] = [
    faulty.messages - faulty.events - faulty.malformed.length,
    faulty.malformed.length,
  ];
  const rows: [string, string, string][] = [
    ['what', 'clean', 'through faults'],
    ['messages', `${clean.messages}`, `${faulty.messages}, shuffled`],
    ['… that came twice', '0', `${duplicates}`],
    ['… that are malformed', '0', `${malformed}, ${faulty.deadLetters.length} dead letters`],
    ['calls of AWS and Slack', `${clean.calls}`, `${faulty.calls}`],
    ['… throttled', '0', `${faults.throttled}`],
    ['… answered 500', '0', `${faults.failed}`],
    ['findings that Security Hub refused', '0', `${faults.refused}`],
    ['calls that Slack answered 429', '0', `${faults.slackBusy}`],
    [
      'writes that another auditor overtook',
      '0',
      `${faults.conflicts}, and what two processes met by themselves`,
    ],
    [
      'processes killed at work',
      '0',
      `${kills.audit} of audit, ${kills.deliver} of deliver, ${kills.inventory} of inventory`,
    ],
    [
      'roles of members that could not be assumed',
      '0',
      `${faulty.roleFaults.denied} calls denied, ${faulty.roleFaults.throttled} throttled`,
    ],
    ['items of indexes lost', '0', `${faulty.indexItemsLost}`],
    [
      'open findings',
      `${clean.open.size}`,
      `${faulty.open.size - malformed} and ${malformed} of malformed messages`,
    ],
    ['in Security Hub', `${clean.securityHub.size}`, `${faulty.securityHub.size}`],
    ...(['bus', 'SNS', 'Slack'] as const).map((channel): [string, string, string] => [
      `told by ${channel}: openings and ends`,
      `${toldBy(clean, channel)}`,
      `${toldBy(faulty, channel)}`,
    ]),
    [
      'told again after a kill',
      '0',
      `${againBy(difference, 'SNS')} by SNS, ${againBy(difference, 'Slack')} by Slack`,
    ],
    ['… by the bus, with the same changeId', '0', `${againBy(difference, 'bus')}`],
    ['events a second', perSecond(clean.messages, clean.seconds), perSecond(faulty.messages, faulty.seconds)],
    ['time to finding, all sent at once: p50, p99', timesOf(clean.latencies), timesOf(faulty.latencies)],
    ...(burst
      ? [
          [
            `burst: ${burst.events} events in ${burst.sentIn} s`,
            `drained after ${burst.seconds.toFixed(1)} s, ${perSecond(burst.events, burst.seconds)} a second`,
            '',
          ] as [string, string, string],
          ['time to finding, burst: p50, p99', timesOf(burst.latencies), ''] as [string, string, string],
        ]
      : []),
    ...Object.entries(seconds).map(([part, taken]): [string, string, string] => [
      `${part} took`,
      `${taken.toFixed(1)} s`,
      '',
    ]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** What is wrong, one a line. */
export const problemsOf = ({ difference: { missed, extra, lost } }: SuiteOutcome): string[] => [
  ...missed.map((text) => `missed: ${text}`),
  ...extra.map((text) => `extra: ${text}`),
  ...lost.map((text) => `lost: ${text}`),
];

export const totalsOf = ({ faulty, burst, difference }: SuiteOutcome, seed: number): string => {
  const { missed, extra, lost, repeated } = difference;
  const left = lost.length + (burst?.undelivered ?? 0);
  return `${faulty.messages} messages, ${missed.length} missed, ${extra.length} extra, ${left} lost, ${repeated.length} told again after a kill (seed ${seed})`;
};

const toldBy = ({ told }: SuiteOutcome['clean'], channel: string): number =>
  told.filter((each) => each.channel === channel && each.kind !== 'changed').length;

const againBy = ({ repeated }: SuiteOutcome['difference'], channel: string): number =>
  repeated.filter((text) => text.startsWith(`told ${channel}:`)).length;

const perSecond = (count: number, seconds: number): string => (count / seconds).toFixed(1);

const timesOf = (latencies: readonly number[]): string => {
  const at = (part: number): string => {
    const value = latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))];
    return value === undefined ? '–' : `${(value / 1000).toFixed(1)} s`;
  };
  return `${at(0.5)}, ${at(0.99)} (${latencies.length})`;
};
