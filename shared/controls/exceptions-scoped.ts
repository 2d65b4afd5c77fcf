import {
  breadthOf,
  breadthOfTrusted,
  isOfNamesAlike,
  isOriginOfAll,
  NO_TEAMS,
  namesOfAwsIn,
  type TeamNames,
  teamNames,
  togetherIn,
} from '../authorised/breadth.ts';
import type { ConfigPath } from '../config/config-issue.ts';
import { type ConfigPart, partsOf, pathText } from '../config/config-parts.ts';
import { creatorsIn } from '../config/creators.ts';
import type { Suppression } from '../config/schema.ts';
import { approvalText } from '../domain/approval.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import { groupBy } from '../group-by.ts';
import { defineControl } from '../judging/control.ts';
import { suppressionEntries } from '../judging/satisfying-entries.ts';
import { daysUntil, REMINDER_DAYS, yearAfter } from '../text/calendar-date.ts';
import { counted } from '../text/counted.ts';
import { cut } from '../text/cut.ts';

export const control = defineControl({
  id: 'exceptions-scoped',
  system: 'The audit itself',
  title: 'Exceptions in the configuration are narrow, end within a year, and are told when they change',
  severity: 'HIGH',
  on: ['configuration'],
  lint: true,
  requires: ['configurationFile'],
  satisfiedBy: suppressionEntries,
  evaluate: ({ configurationFile: { file, today, accountControls } }) => {
    const about = { teams: teamNames(file), today, accountControls };
    const parts = partsOf(file);
    const told = [
      ...parts.flatMap((each) => [
        ...suppressionVerdicts(each, about),
        ...offVerdicts(each, today),
        ...everybodyVerdicts(each),
        ...originVerdicts(each),
      ]),
      ...togetherVerdicts(parts, today),
    ];
    const hasExceptions = parts.some(({ part }) => (part.suppressions ?? []).length > 0);
    return told.length > 0 || !hasExceptions ? told : [{ status: 'PASSED' }];
  },
});

/** What suppressions are judged by. `today`: a day of the calendar; `accountControls`: those that judge whole accounts alone. */
type About = { teams: TeamNames; today: string; accountControls: ReadonlySet<string> };

const ONE_TEAM = 'one resource, or what begins with the names of one team';

const suppressionVerdicts = ({ path, part }: ConfigPart, about: About): Verdict[] =>
  (part.suppressions ?? []).flatMap((suppression, index): Verdict[] => {
    const { control: id, resource, step, expires } = suppression;
    if (expires < about.today) return [];
    const at = [...path, 'suppressions', index];
    const covered = coveredBy(suppression, about);
    const latest = yearAfter(about.today);
    const [first, ...others]: Evidence[] = [
      ...(covered === undefined
        ? []
        : [evidence([...at, 'resource'], `${resource} covers ${covered}`, ONE_TEAM)]),
      ...(expires > latest
        ? [evidence([...at, 'expires'], `it ends on ${expires}`, `an end by ${latest}, a year from now`)]
        : []),
    ];
    if (!first) return endsSoon(suppression, at, about.today);
    return [
      {
        ...(covered === undefined ? { status: 'WARNING', severity: 'MEDIUM' } : { status: 'FAILED' }),
        subject: cut(`${id} on ${resource}${step === undefined ? '' : `, step ${step}`}`, LONGEST_SUBJECT),
        evidence: [first, ...others],
        remediation: {
          text: `Let the suppression of ${id} name ${ONE_TEAM}, and end within a year, or take it out of pipewarden.yaml; then see what it has kept quiet.`,
        },
      },
    ];
  });

/** A reminder of a suppression that ends within 30 days. It is no breach, and fails no build. */
const endsSoon = (suppression: Suppression, at: ConfigPath, today: string): Verdict[] => {
  const { control: id, resource, step, expires } = suppression;
  const left = daysUntil(today, expires);
  return left > REMINDER_DAYS
    ? []
    : [
        {
          status: 'WARNING',
          severity: 'INFORMATIONAL',
          subject: cut(`${id} on ${resource}${step === undefined ? '' : `, step ${step}`}`, LONGEST_SUBJECT),
          evidence: [
            evidence(
              [...at, 'expires'],
              `it ends on ${expires}, in ${counted(left, 'day')}${approvalText(suppression)}`,
              'what it covers mended by then, or a new approval',
            ),
          ],
          remediation: {
            text: `Mend what the suppression of ${id} covers by ${expires}, or have it approved anew. After that day its findings count again.`,
          },
        },
      ];
};

/** Suppressions of one control may each be narrow, and cover much together. */
const togetherVerdicts = (parts: readonly ConfigPart[], today: string): Verdict[] => {
  const all = parts.flatMap(({ path, part }) =>
    (part.suppressions ?? []).map((each, index) => ({ ...each, at: [...path, 'suppressions', index] })),
  );
  const current = groupBy(
    all.filter(({ expires }) => expires >= today),
    ({ control: id }) => id,
  );
  return [...current].flatMap(([id, of]): Verdict[] => {
    const covered = togetherIn(of.map(({ resource }) => resource));
    const [first] = of;
    if (covered === undefined || !first) return [];
    return [
      {
        status: 'FAILED',
        subject: `${id} on many beginnings of names`,
        evidence: [evidence([...first.at, 'resource'], covered, ONE_TEAM)],
        remediation: {
          text: `Let each suppression of ${id} name ${ONE_TEAM}; then see what the others have kept quiet.`,
        },
      },
    ];
  });
};

const LONGEST_SUBJECT = 200;

/** The ARN of an account ends with a star, which covers nothing else for a control that judges accounts alone. */
const coveredBy = (
  { control: id, resource }: Suppression,
  { teams, accountControls }: About,
): string | undefined =>
  accountControls.has(id) && /^arn:[^:*?]+:sagemaker:[^:*?]+:[^:*?]+:\*$/.test(resource)
    ? undefined
    : (breadthOf(resource, teams) ?? namesOfAwsIn(resource));

/** A control that is off judges nothing of anybody, and without end; in an override, nothing of those accounts. */
const offVerdicts = ({ path, part, isOverride }: ConfigPart, today: string): Verdict[] =>
  Object.entries(part.controls ?? {}).flatMap(([id, { enabled, reason, expires, ...approval }]): Verdict[] =>
    enabled === false
      ? [
          {
            status: 'WARNING',
            severity: expires !== undefined && expires < today ? 'HIGH' : isOverride ? 'LOW' : 'MEDIUM',
            subject: `${id} is off${isOverride ? ` in ${pathText(path)}` : ''}`,
            evidence: [
              evidence(
                [...path, 'controls', id, 'enabled'],
                `${id} is off ${endText(expires, today)}: ${reason ?? 'no reason is given'}${approvalText(approval)}`,
                'a control that is on, with suppressions that end',
              ),
            ],
            remediation: {
              text: `Switch ${id} on, and suppress what is meant: single resources or the names of one team, each with an end.`,
            },
          },
        ]
      : [],
  );

const endText = (expires: string | undefined, today: string): string => {
  if (expires === undefined) return 'without an end';
  return expires < today ? `still, and was to be until ${expires}` : `until ${expires}`;
};

/** The lists that name everybody, who is then authorised or excepted. */
const everybodyVerdicts = ({ path, part }: ConfigPart): Verdict[] => {
  const { roles = {}, versionFloors = [], scpException, sharedWith = [] } = part;
  const lists: [ConfigPath, readonly string[], ((pattern: string) => string | undefined)?][] = [
    [['roles', 'creators'], creatorsIn({ roles }).flatMap((entry) => entry.roles)],
    ...(['administrators', 'execution', 'steps'] as const).map((key): [ConfigPath, readonly string[]] => [
      ['roles', key],
      roles[key] ?? [],
    ]),
    [['roles', 'trusted'], roles.trusted ?? [], breadthOfTrusted],
    ...versionFloors.map(({ except = [] }, index): [ConfigPath, readonly string[]] => [
      ['versionFloors', index, 'except'],
      except,
    ]),
    [['scpException', 'taggers'], scpException?.taggers ?? []],
    [['sharedWith'], sharedWith.flatMap((entry) => (typeof entry === 'string' ? [entry] : entry.principals))],
  ];
  return lists.flatMap(([key, patterns, breadth = breadthOfRoles]): Verdict[] => {
    const at = [...path, ...key];
    const together = togetherIn(patterns);
    const broad = patterns.flatMap((pattern) => {
      const covered = breadth(pattern);
      return covered === undefined ? [] : { pattern, found: `${pattern} covers ${covered}` };
    });
    const isOfNames = together === undefined && broad.every(({ pattern }) => isOfNamesAlike(pattern));
    const [first, ...others] = [
      ...broad.map(({ found }) => found),
      ...(together === undefined ? [] : [together]),
    ].map((found) => evidence(at, found, 'those who need it'));
    if (!first) return [];
    return [
      {
        ...(isOfNames ? { status: 'WARNING', severity: 'MEDIUM' } : { status: 'FAILED' }),
        subject: pathText(at),
        evidence: [first, ...others],
        remediation: {
          text: `Let ${pathText(at)} name those who need it, by their names or the beginning of these: whoever may make a role of any name is among them now.`,
        },
      },
    ];
  });
};

/** Roles of several teams may have one name in common, such as SageMakerExecution. */
const breadthOfRoles = (pattern: string): string | undefined => breadthOf(pattern, NO_TEAMS);

/** AWS’s own rule for Ground Truth, which is named `ground-truth`, is for all pages. */
const originVerdicts = ({ path, part }: ConfigPart): Verdict[] => {
  const at = [...path, 'imageBuckets', 'extraRules'];
  const [first, ...others] = (part.imageBuckets?.extraRules ?? []).flatMap((rule, index) =>
    (rule === 'ground-truth' ? [] : rule.allowedOrigins)
      .filter(isOriginOfAll)
      .map((origin) =>
        evidence(
          [...at, index, 'allowedOrigins'],
          `${origin} covers pages of everybody`,
          'the origins of pages that need it',
        ),
      ),
  );
  if (!first) return [];
  return [
    {
      status: 'FAILED',
      subject: pathText(at),
      evidence: [first, ...others],
      remediation: {
        text: `Let ${pathText(at)} name the origins of the pages that need it, such as https://labels.example.com or https://*.example.com; the rule that AWS asks for in Ground Truth is ground-truth.`,
      },
    },
  ];
};

const evidence = (path: ConfigPath, found: string, expected: string): Evidence => ({
  at: pathText(path),
  found: cut(found, LONGEST_FOUND),
  expected,
});

const LONGEST_FOUND = 400;
