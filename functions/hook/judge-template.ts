import type { Config } from '../../shared/config/schema.ts';
import { arnOf } from '../../shared/declared/addresses.ts';
import type { Declare } from '../../shared/declared/declared.ts';
import { ACCOUNT, REGION } from '../../shared/declared/fill.ts';
import { textsIn } from '../../shared/declared/in-play.ts';
import { type JudgedDeclarations, judgeDeclared } from '../../shared/declared/judge.ts';
import { ofType } from '../../shared/declared/of-type.ts';
import { withEarlier } from '../../shared/declared/with-earlier.ts';
import { type Finding, type Severity, type Status, severityRank } from '../../shared/domain/finding.ts';
import { statusWeight } from '../../shared/domain/status.ts';
import type { JudgingAccount } from './declared-account.ts';
import { type DeclaredByHook, type StackOrigin, TEMPLATE } from './declared-in.ts';
import { madeNames, NO_NAMES } from './made-names.ts';

/** A finding as an answer tells it. `where`: the logical id of the resource, with its line, or the ARN of one of the account. */
export type ToldFinding = {
  control: string;
  severity: Severity;
  status: Status;
  where: string;
  found: string;
  expected: string;
  remedy: string;
};

/** What became of a template. `problems`: parts of it that nobody understands. `untold`: what of the account was not judged. */
export type Judged = {
  findings: readonly ToldFinding[];
  problems: readonly string[];
  untold: readonly string[];
};

/**
 * Judges what a template declares, and what it takes away, in each way to fill what only its deployment tells. Suppressed findings are
 * left out. `open`: opens the account, of which nothing is read for a template without anything that is judged. `checkTime` throws where
 * there is no more time: what a hostile template takes long for waits for nothing that could be given up.
 */
export const judgeTemplate = async (
  { templates: { declare: now, problems }, before: had, untold }: DeclaredByHook,
  { account, region }: StackOrigin,
  config: Config,
  open: () => Promise<JudgingAccount>,
  checkTime: () => void,
): Promise<Judged> => {
  const place = new Map([
    [ACCOUNT, account],
    [REGION, region],
  ]);
  const declare = inTime(now, checkTime);
  const before = had && { ...had, declare: inTime(had.declare, checkTime) };
  const made = before ? await madeNames(before.declare, place, open) : NO_NAMES;
  const given = new Map([...place, ...made.names]);
  const judged = await judgeDeclared({
    declare: before ? withEarlier(declare, before, given) : declare,
    given,
    inPlay: textsIn(config),
    judge: async (declared) =>
      declared.resources.length + (declared.earlier?.length ?? 0) === 0 ? [] : (await open()).judge(declared),
    isAlone: false,
    alreadyThere: async (resources) =>
      ofType(resources, 'role', 'user', 'group').length === 0 ? [] : (await open()).alreadyThere(resources),
  });
  const whereOf = placesOf(judged);
  return {
    findings: judged.findings
      .filter(({ finding: { suppression } }) => suppression === undefined)
      .map(({ finding, place }) => told(finding, whereOf(finding, place?.regions[0]?.line)))
      .toSorted(
        (one, other) =>
          statusWeight(other.status) - statusWeight(one.status) ||
          severityRank(other.severity) - severityRank(one.severity),
      ),
    problems: [
      ...[...problems, ...judged.problems].map(
        ({ file, pointer, message }) =>
          `${file.path === TEMPLATE ? '' : `${file.path}, `}line ${file.places([pointer]).get(pointer)?.line ?? 1}: ${judged.shown(message)}`,
      ),
      ...judged.untried.map(
        ({ name }) => `too many values can matter for \${${name}}, so that not all were tried`,
      ),
    ],
    untold: [...untold, ...made.untold],
  };
};

const inTime =
  (declare: Declare, checkTime: () => void): Declare =>
  (fill) => {
    checkTime();
    return declare((hole) => {
      checkTime();
      return fill(hole);
    });
  };

/** What a person calls the resource of a finding. */
const placesOf = ({ first, shown }: JudgedDeclarations) => {
  const addresses = new Map(
    first.resources.flatMap((resource): [string, string][] => {
      const arn = arnOf(resource);
      return arn === undefined ? [] : [[shown(arn).toLowerCase(), resource.address]];
    }),
  );
  return ({ resource: { arn } }: Finding, line: number | undefined): string => {
    const address = addresses.get(arn.toLowerCase());
    if (address === undefined) return arn;
    return line === undefined ? address : `${address} (line ${line})`;
  };
};

const told = (finding: Finding, where: string): ToldFinding => {
  const { control, severity, status, evidence, remediation } = finding;
  const [first] = evidence;
  return {
    control,
    severity,
    status,
    where,
    found: first?.found ?? '',
    expected: first?.expected ?? '',
    remedy: remediation.text,
  };
};
