import { expect, test } from '@jest/globals';
import { CONTROLS } from '../../../../shared/controls/index.ts';
import { ownSuppressions, suppressionMistakes } from '../../../../shared/declared/own-suppressions.ts';
import {
  binaryPlan,
  type Change,
  declaredBy,
  jsonPlan,
  shownProblems,
} from '../../../support/plans/plans.ts';

const role = (address: string): Change => ({
  address,
  after: {
    name: address.replaceAll(/\W/g, '-'),
    path: '/',
    assume_role_policy: '{}',
    arn: `arn:aws:iam::111122223333:role/${address.replaceAll(/\W/g, '-')}`,
  },
});
const GOOD = 'pipewarden:ignore execution-role-trust until 2027-03-01: PLAT-1';
const ROOT = `# ${GOOD}
resource "aws_iam_role" "one" {
  # pipewarden:ignore execution-role-trust: no end
  # pipewarden:ignore image-bucket-cors until 2027-03-01: not of a role
}
resource "aws_iam_role" "many" {
  for_each = toset(["a", "b"])
  # ${GOOD}
}
# ${GOOD}
resource "aws_iam_role_policy" "own" {
  role = aws_iam_role.one.id
}
# ${GOOD}
module "team" { source = "./team" }
# ${GOOD}
resource "aws_vpc" "main" {}
`;
const TEAM = `resource "aws_iam_role" "run" {
  count = 2
  # ${GOOD}
}
# ${GOOD}
`;
const PARTS = {
  changes: [
    role('aws_iam_role.one'),
    role('aws_iam_role.many["a"]'),
    role('aws_iam_role.many["b"]'),
    role('module.team.aws_iam_role.run[0]'),
    role('module.team.aws_iam_role.run[1]'),
    { address: 'aws_iam_role_policy.own', after: { name: 'own', role: 'aws_iam_role-one', policy: '{}' } },
  ],
};

test('comments in the sources that a plan holds are of each instance of their block; what suppresses nothing is told', async () => {
  const declared = await declaredBy(
    binaryPlan(PARTS, {
      '': { folder: '.', files: { 'main.tf': ROOT } },
      team: { folder: 'team', files: { 'roles.tf': TEAM } },
    }),
  );
  const own = declared.resources.map((each) => [
    each.address,
    ownSuppressions(each, CONTROLS).map(({ suppression }) => suppression.reason),
  ]);
  expect(own).toEqual([
    ['aws_iam_role.one', ['PLAT-1']],
    ['aws_iam_role.many["a"]', ['PLAT-1']],
    ['aws_iam_role.many["b"]', ['PLAT-1']],
    ['module.team.aws_iam_role.run[0]', ['PLAT-1']],
    ['module.team.aws_iam_role.run[1]', ['PLAT-1']],
    ['aws_iam_role_policy.own', []],
  ]);
  const mistakes = suppressionMistakes(declared.resources, CONTROLS);
  expect(shownProblems({ ...declared, problems: mistakes })).toEqual([
    expect.stringMatching(/^infra\/main\.tf:3:3: it has no “until YYYY-MM-DD”/),
    expect.stringMatching(
      /^infra\/main\.tf:4:3: no finding of image-bucket-cors is about what is declared here/,
    ),
    expect.stringMatching(/^infra\/main\.tf:10:1: no finding of execution-role-trust is about/),
  ]);
  const strays = shownProblems(declared).filter((problem) => problem.includes('suppresses nothing'));
  expect(strays).toEqual([
    expect.stringMatching(/^infra\/main\.tf:14:1: .*neither in the block of a resource that is judged/),
    expect.stringMatching(/^infra\/main\.tf:16:1: /),
    expect.stringMatching(/^infra\/team\/roles\.tf:5:1: /),
  ]);
});

test('comments beside a plan in JSON do not count, as nothing tells that the files are those of the plan', async () => {
  const declared = await declaredBy(jsonPlan(PARTS), { 'main.tf': ROOT, 'team/roles.tf': TEAM });
  expect(declared.resources.flatMap((each) => ownSuppressions(each, CONTROLS))).toEqual([]);
  expect(shownProblems(declared)).toContainEqual(
    expect.stringMatching(
      /^infra\/main\.tf:14:1: this suppression does not count, nor does any of \d+ others: .*`plan -out`/,
    ),
  );
});
