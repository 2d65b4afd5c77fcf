import { partsOf, pathText } from '../../config/config-parts.ts';
import { accountsOf } from '../../config/exceptions.ts';
import type { FileConfig } from '../../config/schema.ts';
import { type Approval, approvalOf } from '../../domain/approval.ts';
import { accountOfFinding, type Finding, type Severity, severityRank } from '../../domain/finding.ts';
import { hasSuppression } from '../../findings/suppression.ts';
import { groupBy } from '../../group-by.ts';
import { matchesGlob } from '../../iam/policy/glob.ts';
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
            // What several suppressions cover counts for the first of them.
            !told.has(finding) &&
            finding.control === control &&
            finding.suppression?.reason === reason &&
            finding.suppression.expires === expires &&
            isOfStep(step, finding) &&
            isOfAccounts(accounts, finding) &&
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

/** A finding that is about no step by its subject may be about several, each of which is suppressed. */
const isOfStep = (step: string | undefined, { subject, resource }: Finding): boolean =>
  step === undefined || (subject === undefined ? resource.type === 'pipeline' : matchesGlob(step, subject));

/** Whether an override may be for the account of a finding. Who is in an organizational unit is not known here. */
const isOfAccounts = (accounts: readonly string[], finding: Finding): boolean => {
  const own = accountOfFinding(finding);
  return (
    own === undefined ||
    accounts.length === 0 ||
    accounts.includes(own) ||
    accounts.some((each) => !/^\d{12}$/.test(each))
  );
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

/** What ends within 30 days or was to end before, in a few words each. `now`: ISO 8601. */
const endingSoon = (entries: readonly ExceptionEntry[], now: string): string[] =>
  entries.flatMap(({ control, resource = 'everything', expires }) => {
    if (expires === undefined) return [];
    const left = daysUntil(now.slice(0, 10), expires);
    return left > REMINDER_DAYS
      ? []
      : `${control} on ${resource} ${left < 0 ? `was to end on ${expires}` : `ends on ${expires}`}`;
  });

/** The reminder of exceptions that end within 30 days; undefined where none does. `now`: ISO 8601. */
export const exceptionsReminder = (
  entries: readonly ExceptionEntry[] | undefined,
  now: string,
): string | undefined =>
  entries && endingSoon(entries, now).length > 0 ? exceptionsLine(entries, now) : undefined;

/** The register in one line, with what ends soon or is over; undefined where there is none. `now`: ISO 8601. */
export const exceptionsLine = (
  entries: readonly ExceptionEntry[] | undefined,
  now: string,
): string | undefined => {
  if (!entries || entries.length === 0) return undefined;
  const ending = endingSoon(entries, now);
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
