import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';
import { BASE } from './base.ts';
import { cleanAccount } from './clean-account.ts';
import { type Mutation, mutations } from './mutations.ts';
import { sameLive } from './same-live.ts';

const base = cleanAccount(BASE);
const ofAccounts = mutations(base).filter(({ files }) => files === undefined);

describeWith('moto', 'an account that is read live has the verdicts of its snapshot', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  beforeAll(async () => {
    moto = await startMoto({ account: base.account });
  });
  afterAll(() => moto.stop());

  test('the clean account', async () => {
    expect(await sameLive(base, moto.endpoint)).toEqual({ inSnapshotOnly: [], liveOnly: [] });
  });

  test.each(ofAccounts.map((mutation): [string, Mutation] => [mutation.name, mutation]))(
    '%s',
    async (_, mutation) => {
      const account = structuredClone(base);
      mutation.change(account);
      expect(await sameLive(account, moto.endpoint)).toMatchObject({ inSnapshotOnly: [], liveOnly: [] });
    },
  );
});
