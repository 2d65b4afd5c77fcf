import { partsOf, pathText } from '../../config/config-parts.ts';
import { accountsOf } from '../../config/exceptions.ts';
import type { FileConfig } from '../../config/schema.ts';
import { type Approval, approvalOf } from '../../domain/approval.ts';
import { type Finding, type Severity, severityRank } from '../../domain/finding.ts';
import { hasSuppression } from '../../findings/suppression.ts';
import { groupBy } from '../../group-by.ts';
import { daysUntil, REMINDER_DAYS } from '../../text/calendar-date.ts';
import { counted } from '../../text/counted.ts';
import { listed } from '../../text/listed.ts';

/**
 * An entry of the register of exceptions: a suppression, or a control that is off. `at`: its place in the configuration; missing for one in
 * a definition or template. `findings`: how many it covers now, and `severity` that of the gravest. Of a control that is off, nobody knows.
 */
export type ExceptionEntry = {
  kind: 'suppression' | 'control-off';
  control: string;
  at?: string;
  resource?: string;
  step?: string;
  accounts?: string[];
  reason: string;
  /** The last day, YYYY-MM-DD. */
  expires?: string;
  findings?: number;
  severity?: Severity;
} & Approval;

type Override = NonNullable<FileConfig['overrides']>[number];

/** The exceptions of a configuration, and those beside it that cover a finding; those that end first come first. */
export const exceptionsRegister = (config: FileConfig, findings: readonly Finding[]): ExceptionEntry[] => {
  const suppressed = findings.filter(({ suppression }) => suppression !== undefined);
  const told = new Set<Finding>();
  const ofConfiguration = partsOf(config).flatMap(({ path, part, isOverride }): ExceptionEntry[] => {
    const accounts = isOverride ? accountsOf(part as Override, config) : [];
    const where = accounts.length > 0 ? { accounts } : {};
    return [
      ...Object.entries(part.controls ?? {}).flatMap(([control, setting]): ExceptionEntry[] =>
        setting.enabled === false
          ? [
              {
                kind: 'control-off',
                control,
                at: pathText([...path, 'controls', control]),
                ...where,
                reason: setting.reason ?? 'no reason is given',
                ...(setting.expires !== undefined && { expires: setting.expires }),
                ...approvalOf(setting),
              },
            ]
          : [],
      ),
      ...(part.suppressions ?? []).map((suppression, index): ExceptionEntry => {
        const { control, resource, step, reason, expires } = suppression;
        const covered = suppressed.filter(
          (finding) =>
            finding.control === control &&
            finding.suppression?.reason === reason &&
            finding.suppression.expires === expires &&
            (step === undefined || finding.subject !== undefined || finding.resource.type === 'pipeline') &&
            (hasSuppression([suppression], control, finding.resource.arn) || !resource.startsWith('arn:')),
        );
        for (const finding of covered) told.add(finding);
        return {
          kind: 'suppression',
          control,
          at: pathText([...path, 'suppressions', index]),
          resource,
          ...(step !== undefined && { step }),
          ...where,
          reason,
          expires,
          ...approvalOf(suppression),
          ...coveredBy(covered),
        };
      }),
    ];
  });
  const elsewhere = suppressed.flatMap((finding): ExceptionEntry[] =>
    told.has(finding) || !finding.suppression
      ? []
      : [
          {
            kind: 'suppression',
            control: finding.control,
            resource: finding.resource.arn,
            ...(finding.subject !== undefined && { step: finding.subject }),
            ...finding.suppression,
            ...coveredBy([finding]),
          },
        ],
  );
  return [...ofConfiguration, ...elsewhere].toSorted(byEnd);
};

/** After every day. */
const NEVER = '~';

const byEnd = (one: ExceptionEntry, other: ExceptionEntry): number =>
  (one.expires ?? NEVER) < (other.expires ?? NEVER) ? -1 : one.expires === other.expires ? 0 : 1;

const coveredBy = (findings: readonly Finding[]): Pick<ExceptionEntry, 'findings' | 'severity'> => ({
  findings: findings.length,
  ...gravest(findings),
});

const gravest = (of: readonly { severity?: Severity }[]): { severity?: Severity } => {
  const [worst] = of
    .flatMap(({ severity }) => severity ?? [])
    .toSorted((one, other) => severityRank(other) - severityRank(one));
  return worst === undefined ? {} : { severity: worst };
};

/** The registers of several runs as one: each exception once, as one configuration is for several accounts, with all that it covers. */
export const exceptionsTogether = (registers: readonly (readonly ExceptionEntry[])[]): ExceptionEntry[] => {
  const entries = groupBy(registers.flat(), ({ findings: _, severity: __, ...entry }) =>
    JSON.stringify(entry),
  );
  return [...entries.values()]
    .flatMap((of): ExceptionEntry[] => {
      const [first] = of;
      if (!first) return [];
      const { findings: _, severity: __, ...entry } = first;
      const isKnown = of.every(({ findings }) => findings !== undefined);
      const findings = of.reduce((sum, each) => sum + (each.findings ?? 0), 0);
      return [{ ...entry, ...(isKnown && { findings }), ...gravest(of) }];
    })
    .toSorted(byEnd);
};

/** The register in one line, with what ends soon or is over; undefined where there is none. `now`: ISO 8601. */
export const exceptionsLine = (
  entries: readonly ExceptionEntry[] | undefined,
  now: string,
): string | undefined => {
  if (!entries || entries.length === 0) return undefined;
  const ending = entries.flatMap(({ control, resource = 'everything', expires }) => {
    if (expires === undefined) return [];
    const left = daysUntil(now.slice(0, 10), expires);
    return left > REMINDER_DAYS
      ? []
      : `${control} on ${resource} ${left < 0 ? `was to end on ${expires}` : `ends on ${expires}`}`;
  });
  const soon = ending.length === 0 ? '' : `; within ${REMINDER_DAYS} days: ${listed(ending, MOST)}`;
  return `${counted(entries.length, 'exception')}${soon}`;
};

const MOST = 3;

/** The columns of the register, in the order of all outputs. */
export const EXCEPTION_COLUMNS: readonly [string, (entry: ExceptionEntry) => string][] = [
  ['Control', ({ control }) => control],
  [
    'What',
    ({ kind, resource = '', step, accounts }) =>
      [
        kind === 'control-off'
          ? 'the control is off'
          : `${resource}${step === undefined ? '' : ` › ${step}`}`,
        ...(accounts ? [`in ${listed(accounts, MOST)}`] : []),
      ].join(' '),
  ],
  ['Since', ({ approvedOn = 'not told' }) => approvedOn],
  ['Until', ({ expires = 'no end' }) => expires],
  ['Owner', ({ owner = 'not told' }) => owner],
  ['Approved by', ({ approvedBy = 'not told' }) => approvedBy],
  ['Ticket', ({ ticket = 'not told' }) => ticket],
  ['Reason', ({ reason }) => reason],
  ['Findings', ({ findings }) => (findings === undefined ? 'not known' : String(findings))],
  ['Severity', ({ severity = '' }) => severity],
];
