import { describe, expect, test } from '@jest/globals';
import { accountPaths } from '../../../../functions/deliver/account-paths.ts';
import { routesFor } from '../../../../shared/alerts/alert-routes.ts';
import type { FileConfig } from '../../../../shared/config/schema.ts';
import { accountOfFinding } from '../../../../shared/domain/finding.ts';
import type { Change } from '../../../../shared/findings/state.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const [OWN, MEMBER] = ['111122223333', '444455556666'];
const PATH = 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/';
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:unit';
const DEFAULT = 'arn:aws:sns:eu-west-1:111122223333:all';

const changeIn = (account: string): Change => ({
  kind: 'opened',
  finding: aFinding({
    severity: 'HIGH',
    resource: { type: 'pipeline', arn: `arn:aws:sagemaker:eu-west-1:${account}:pipeline/fraud` },
  }),
});

/** Paths over what sweeps noted; `asked` are the accounts that were read. */
const pathsOver = (noted: Record<string, string | Error | undefined>, time = { ms: 0 }) => {
  const asked: string[] = [];
  const warnings: string[] = [];
  const paths = accountPaths({
    own: OWN,
    read: async (account) => {
      asked.push(account);
      const answer = noted[account];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    now: () => new Date(time.ms),
    logger: { warn: (message) => void warnings.push(String(message)) },
  });
  return { paths, asked, warnings, time };
};

const config: FileConfig = {
  version: 1,
  alerts: { routes: [{ match: { organizationalUnit: 'ou-ab12-11111111' }, topicArn: TOPIC }] },
};

const targetsOf = ({ finding }: Change, { pathOf }: ReturnType<typeof accountPaths>) =>
  routesFor(
    finding,
    config.alerts,
    { topicArn: DEFAULT },
    {
      config,
      placeOf: (each) => {
        const account = accountOfFinding(each) ?? OWN;
        return { account, path: pathOf(account) };
      },
    },
  );

describe('the organizational units of a hub’s members, for routes', () => {
  test('lead an alert of a member to the channel of its unit', async () => {
    const { paths } = pathsOver({ [MEMBER]: PATH });
    await paths.learn([changeIn(MEMBER)]);
    expect(targetsOf(changeIn(MEMBER), paths)).toEqual([{ kind: 'sns', arn: TOPIC }]);
  });

  test('that nobody noted, or that cannot be read, leave the alert to the default channel with a note', async () => {
    const { paths, warnings } = pathsOver({ [MEMBER]: new Error('throttled') });
    for (const account of [MEMBER, OWN]) {
      await paths.learn([changeIn(account)]);
      expect(targetsOf(changeIn(account), paths)).toEqual([
        { kind: 'sns', arn: DEFAULT, note: expect.stringContaining(`unit of account ${account}`) },
      ]);
    }
    expect(warnings).toHaveLength(1);
  });

  test('are read once for many alerts, and again after a while, as accounts are moved', async () => {
    const { paths, asked, time } = pathsOver({ [MEMBER]: PATH });
    await paths.learn([changeIn(MEMBER), changeIn(MEMBER)]);
    await paths.learn([changeIn(MEMBER)]);
    expect(asked).toEqual([MEMBER]);
    time.ms += 11 * 60 * 1000;
    await paths.learn([changeIn(MEMBER)]);
    expect(asked).toEqual([MEMBER, MEMBER]);
  });
});
