import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../../shared/domain/finding.ts';
import { compareRuns } from '../../../shared/findings/compare-runs.ts';
import type { Results } from '../../../shared/outputs/formats/results.ts';
import { type MadeAccount, resultsOfAccounts } from '../../support/builders/made-accounts.ts';

const ONE = '111122223333';
const TWO = '444455556666';
const REGIONS = ['eu-west-1', 'us-east-1'] as const;

const inBoth = (more: Partial<MadeAccount['regions'][number]> = {}) =>
  REGIONS.map((region) => ({ region, ...more }));

const faulty = (account: string, more: Partial<MadeAccount> = {}): MadeAccount => ({
  account,
  regions: inBoth({ isFaulty: true }),
  isAdmin: true,
  cors: 'none',
  ...more,
});

const mended = (account: string, more: Partial<MadeAccount> = {}): MadeAccount => ({
  account,
  regions: inBoth(),
  ...more,
});

const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ control, account }) => `${account} ${control}`).toSorted();

const compared = async (before: readonly MadeAccount[], after: readonly MadeAccount[]) =>
  compareRuns(await resultsOfAccounts(before), await resultsOfAccounts(after));

describe('what a run over several accounts says of the run before', () => {
  test('an account that cannot be read any more has nothing mended, also where another account uses the same bucket', async () => {
    const {
      mended: done,
      gone,
      notJudged,
    } = await compared([faulty(ONE), faulty(TWO)], [mended(ONE), faulty(TWO, { isUnreachable: true })]);
    expect(told(done)).toContain(`${ONE} image-bucket-cors`);
    expect([...done, ...gone].filter(({ account }) => account === TWO)).toEqual([]);
    expect(told(notJudged.map(({ finding }) => finding))).toEqual(
      expect.arrayContaining([`${TWO} image-bucket-cors`, `${TWO} pipeline-job-prefix`]),
    );
    expect(new Set(notJudged.map(({ because }) => because))).toContain(
      `account ${TWO} in eu-west-1 could not be read: AssumeRole: AccessDenied: not allowed`,
    );
  });

  test('an account that was left out has nothing mended', async () => {
    const { mended: done, notJudged } = await compared([faulty(ONE), faulty(TWO)], [mended(ONE)]);
    expect(done.filter(({ account }) => account === TWO)).toEqual([]);
    expect(notJudged.map(({ finding, because }) => [finding.account, because])).toContainEqual([
      TWO,
      `the run was not about account ${TWO}`,
    ]);
  });

  test('what is mended in one Region is not mended in another that cannot be read', async () => {
    const [first = '', second = ''] = REGIONS;
    const after = mended(ONE, { regions: [{ region: first }, { region: second, isClosed: true }] });
    const { mended: done, notJudged } = await compared([faulty(ONE)], [after]);
    const prefixes = done.filter(({ control }) => control === 'pipeline-job-prefix');
    expect(prefixes.map(({ resource }) => resource.arn.split(':')[3])).toEqual([first]);
    expect(notJudged.map(({ because }) => because)).toContain(
      `account ${ONE} in ${second} could not be read: AssumeRole: AccessDenied: not allowed`,
    );
  });

  test('a role is not judged by the pipelines of one Region where those of another are not known', async () => {
    const [first = '', second = ''] = REGIONS;
    const { findings } = await resultsOfAccounts(
      [mended(ONE, { regions: [{ region: first }, { region: second, isClosed: true }] })],
      { all: true },
    );
    const ofRole = findings.filter(({ control }) => control === 'execution-role-least-privilege');
    expect(ofRole.map(({ status }) => status)).toEqual(['NOT_AVAILABLE']);
  });

  const region = fc.record({
    isFaulty: fc.boolean(),
    isClosed: fc.constantFrom(false, false, true),
    isUnlisted: fc.constantFrom(false, false, false, true),
  });
  const account = fc.record({
    regions: fc.tuple(region, region),
    isAdmin: fc.boolean(),
    cors: fc.constantFrom(undefined, 'none' as const, 'denied' as const),
    isUnreachable: fc.constantFrom(false, false, true),
    isLeftOut: fc.constantFrom(false, false, false, true),
  });
  const run = fc
    .tuple(account, account, account)
    .map((all) =>
      all.flatMap(({ regions, isLeftOut, cors, ...more }, index): MadeAccount[] =>
        isLeftOut
          ? []
          : [
              {
                account: `${index + 1}`.repeat(12),
                regions: regions.map((each, at) => ({ region: REGIONS[at] ?? '', ...each })),
                ...(cors && { cors }),
                ...more,
              },
            ],
      ),
    )
    .filter((made) => made.length > 0);

  /** Whether the account was read, and in the Region where the finding is in one. */
  const isRead = (made: readonly MadeAccount[], { account: of, resource }: Finding): boolean => {
    const [, , , inRegion] = resource.arn.split(':');
    const ofAccount = made.find((each) => each.account === of);
    const there = ofAccount?.regions.filter((each) => !each.isClosed) ?? [];
    return (
      !ofAccount?.isUnreachable &&
      there.some((each) => !inRegion || (each.region === inRegion && !each.isUnlisted))
    );
  };

  test('nothing that was not looked at is told as mended or gone, whatever became of the others', async () => {
    await fc.assert(
      fc.asyncProperty(run, run, async (before, after) => {
        const runs: [Results, Results] = [
          await resultsOfAccounts(before),
          await resultsOfAccounts(after, { generatedAt: '2026-11-25T00:00:00.000Z' }),
        ];
        // One account alone does not name itself in each finding.
        const withAccount = runs.map((each) => ({
          ...each,
          findings: each.findings.map((finding) => ({
            ...finding,
            account: finding.account ?? each.account,
          })),
        }));
        for (const [earlier, later] of [runs, withAccount]) {
          if (!earlier || !later) throw new Error('two runs');
          const { mended: done, gone, changed, open } = compareRuns(earlier, later);
          const ended = [...done, ...gone].map((finding) => ({
            ...finding,
            account: finding.account ?? earlier.account,
          }));
          expect(ended.filter((finding) => !isRead(after, finding))).toEqual([]);
          const pairs = [...changed, ...open].filter(
            ({ before: { resource } }) => resource.type !== 'configuration',
          );
          for (const pair of pairs)
            expect(pair.before.account ?? earlier.account).toBe(pair.after.account ?? later.account);
        }
      }),
      { numRuns: 40 },
    );
  });
});
