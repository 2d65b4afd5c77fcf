import { generateKeyPairSync } from 'node:crypto';
import { appendFile, cp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { ASKED, watchedAll } from '../support/builders/evidence-pack.ts';
import { aChange, aLook } from '../support/builders/history.ts';
import { writeHistory } from '../support/builders/history-folder.ts';
import { inFolder, run } from '../support/commands/cli.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const KEYS = {
  'key.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  'public.pem': publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};
const PERIOD = ['evidence', '--from', ASKED.from, '--to', ASKED.to];
const MAKE = [...PERIOD, '--history', 'history', '--sign-with', 'key.pem', '-o', 'pack'];
const VERIFY = ['evidence', 'verify', 'pack', '--public-key', 'public.pem'];
const records = [...watchedAll(), aLook(), aLook({ at: '2026-11-26T20:00:00.000Z' }), aChange()];

const withPack = (body: (cwd: string) => Promise<void>) =>
  inFolder(KEYS, async (cwd) => {
    await writeHistory(join(cwd, 'history'), records);
    const { status, stdout } = await run([...MAKE, '--framework', 'soc-2'], { cwd });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    await body(cwd);
  });

describe('evidence', () => {
  test('makes a pack of a copied bucket that verifies, and tells its own key where none is given', async () => {
    await withPack(async (cwd) => {
      const page = await readFile(join(cwd, 'pack/index.html'), 'utf8');
      expect(page).toContain('The history shows no gap');
      expect(page).toContain('Requirements: SOC 2');
      const [resource] = parse(await readFile(join(cwd, 'pack/population.csv'), 'utf8'), {
        columns: true,
      }) as object[];
      expect(resource).toMatchObject({ resource_type: 'pipeline', looks: '2', gone: '' });
      const good = await run(VERIFY, { cwd });
      expect(good.status).toBe(0);
      expect(good.stdout).toMatch(
        /^good: 2026-11-20 to 2026-11-26, \d+ records, .*\nsigned by the key [0-9a-f]{64}\n$/,
      );
      const own = await run(['evidence', 'verify', 'pack'], { cwd });
      expect(own.status).toBe(0);
      expect(own.stdout).toContain('note: no public key was given');
      const secret = await run([...VERIFY.slice(0, -1), 'key.pem'], { cwd });
      expect({ status: secret.status, stdout: secret.stdout }).toEqual({ status: 2, stdout: '' });
      expect(secret.stderr).toContain('holds no public key');
    });
  });

  test('does not verify a pack in which a byte was changed, a link laid, or a record left out', async () => {
    await withPack(async (cwd) => {
      const broken = async (change: (pack: string) => Promise<void>): Promise<string> => {
        await rm(join(cwd, 'pack'), { recursive: true });
        await cp(join(cwd, 'good'), join(cwd, 'pack'), { recursive: true });
        await change(join(cwd, 'pack'));
        const { status, stdout } = await run(VERIFY, { cwd });
        expect(status).toBe(1);
        return stdout;
      };
      await cp(join(cwd, 'pack'), join(cwd, 'good'), { recursive: true });
      expect(await broken((pack) => appendFile(join(pack, 'gaps.csv'), '\n'))).toBe(
        'not good:\n  gaps.csv: it is not as the manifest says: somebody has changed it\n',
      );
      expect(await broken((pack) => symlink('/etc/passwd', join(pack, 'more.csv')))).toContain(
        'more.csv: it is a link',
      );
      expect(
        await broken(async (pack) => {
          const lines = (await readFile(join(pack, 'records.jsonl'), 'utf8')).split('\n');
          await writeFile(join(pack, 'records.jsonl'), lines.toSpliced(2, 1).join('\n'));
        }),
      ).toContain('records.jsonl: it is not as the manifest says');
    });
  });

  test('tells what of the history it could not read, on the page as well', async () => {
    await inFolder(KEYS, async (cwd) => {
      await writeHistory(join(cwd, 'history'), records);
      const folder = 'history/verdicts/region=eu-west-1/account=111122223333/day=2026-11-24';
      await writeFile(join(cwd, folder, 'x.parquet'), 'PAR1 this is none PAR1');
      await cp(join(cwd, folder), join(cwd, folder.replace('111122223333', '444455556666')), {
        recursive: true,
      });
      const { status, stderr } = await run(MAKE, { cwd });
      expect(status).toBe(3);
      expect(stderr).toContain('it belongs into another folder');
      expect(stderr).toContain('3 records or files of the history could not be read');
      const page = await readFile(join(cwd, 'pack/index.html'), 'utf8');
      expect(page).toContain('What could not be read of the history is in no count of this page.');
      expect((await run(VERIFY, { cwd })).stdout).toContain('note: 3 records or files of the history');
    });
  });

  test.each([
    ['no period', ['evidence'], 'name the period with --from and --to'],
    ['no key', [...PERIOD, '--history', 'history', '-o', 'pack'], 'a pack is signed by one key'],
    ['no history', [...PERIOD, '--sign-with', 'key.pem', '-o', 'pack'], 'name one history'],
    [
      'a folder that is no history',
      [...PERIOD, '--history', '.', '--sign-with', 'key.pem', '-o', 'pack'],
      'holds no history',
    ],
    [
      'a public key',
      [...PERIOD, '--history', 'history', '--sign-with', 'public.pem', '-o', 'pack'],
      'holds no private key',
    ],
    ['a day that is none', ['evidence', '--from', '2026-02-30', '--to', '2026-03-01'], 'is no day'],
    [
      'an end before its beginning',
      ['evidence', '--from', '2026-02-03', '--to', '2026-02-01'],
      'is before --from',
    ],
    ['an account that is none', [...PERIOD, '--account', '1'], '12 digits'],
    ['a folder that is no pack', ['evidence', 'verify', '.'], 'is no evidence pack'],
  ])('of %s says what to do', async (_, args, message) => {
    await inFolder(KEYS, async (cwd) => {
      const { status, stderr } = await run(args, { cwd });
      expect(status).toBe(2);
      expect(stderr).toMatch(new RegExp(message));
    });
  });

  test('writes into no folder that holds something', async () => {
    await withPack(async (cwd) => {
      const { status, stderr } = await run(MAKE, { cwd });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: 'pipewarden: pack: is not empty: name a new folder for the pack\n',
      });
    });
  });
});
