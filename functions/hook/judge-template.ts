import type { Config } from '../../shared/config/schema.ts';
import { arnOf } from '../../shared/declared/addresses.ts';
import type { ReadTemplates } from '../../shared/declared/cloudformation/read-templates.ts';
import type { DeclaredResource } from '../../shared/declared/declared.ts';
import { ACCOUNT, REGION } from '../../shared/declared/fill.ts';
import { textsIn } from '../../shared/declared/in-play.ts';
import { type JudgedDeclarations, judgeDeclared } from '../../shared/declared/judge.ts';
import { type Finding, type Severity, type Status, severityRank } from '../../shared/domain/finding.ts';
import { statusWeight } from '../../shared/domain/status.ts';
import type { StackOrigin } from './declared-in.ts';

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

/** What became of a template. `problems`: parts of it that nobody understands. */
export type Judged = { findings: readonly ToldFinding[]; problems: readonly string[] };

/** Judges what a template declares in each way to fill what only its deployment tells. Suppressed findings are left out. */
export const judgeTemplate = async (
  { declare, problems }: ReadTemplates,
  { account, region }: StackOrigin,
  config: Config,
  judge: (resources: readonly DeclaredResource[]) => Promise<Finding[]>,
): Promise<Judged> => {
  const judged = await judgeDeclared({
    declare,
    given: new Map([
      [ACCOUNT, account],
      [REGION, region],
    ]),
    inPlay: textsIn(config),
    judge: async ({ resources }) => (resources.length === 0 ? [] : judge(resources)),
    isAlone: false,
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
          `line ${file.places([pointer]).get(pointer)?.line ?? 1}: ${judged.shown(message)}`,
      ),
      ...judged.untried.map(
        ({ name }) => `too many values can matter for \${${name}}, so that not all were tried`,
      ),
    ],
  };
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
