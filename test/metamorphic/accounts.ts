import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { snapshotReader } from '../../cli/audit.ts';
import { configIn } from '../../cli/config.ts';
import type { Config } from '../../shared/config/schema.ts';
import type { Json } from '../../shared/json/json.ts';
import type { Reader } from '../../shared/reader/reader.ts';
import { writeSnapshot } from '../corpus/account.ts';
import { BASE } from '../corpus/base.ts';
import { cleanAccount } from '../corpus/clean-account.ts';
import { publishedDefinitions } from '../corpus/corpus.ts';
import { mutations } from '../corpus/mutations.ts';
import { casesFolder } from '../support/builders/cases-folder.ts';
import { ownConfig } from '../support/builders/own-config.ts';

/** An account to change: its reader, its configuration, and IAM's listing of it as AWS gives it. */
export type Opened = { reader: Reader; config: Config; details: Json };

/** An account by its name; `use` opens it for as long as the given function runs. */
export type AccountSource = { name: string; use: <T>(work: (opened: Opened) => Promise<T>) => Promise<T> };

const DETAILS = 'iam/account-authorization-details.json';

const inFolder =
  (folder: string, config: Config): AccountSource['use'] =>
  async (work) => {
    const details = JSON.parse(await readFile(join(folder, DETAILS), 'utf8')) as Json;
    return work({ reader: await snapshotReader(folder), config, details });
  };

const inFiles = async (folder: string, configFile: string): Promise<AccountSource['use']> =>
  inFolder(folder, ownConfig(configIn(await readFile(configFile, 'utf8'), configFile)));

const root = join(import.meta.dirname, '../..');

const exampleAccount: AccountSource = {
  name: 'examples/account',
  use: async (work) =>
    (await inFiles(join(root, 'examples/account'), join(root, 'examples/pipewarden.yaml')))(work),
};

/** The realistic accounts beside the checkout; none where they are not there. */
const realisticAccounts = (): AccountSource[] => {
  const folder = casesFolder('accounts');
  const names = folder
    ? readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory())
    : [];
  return names.map(({ name }) => ({
    name: `cases/accounts/${name}`,
    use: async (work) => {
      const at = join(folder ?? '', name);
      return (await inFiles(join(at, 'snapshot'), join(at, 'pipewarden.yaml')))(work);
    },
  }));
};

/** The clean account of the corpus, each account that a mutation of the corpus breaks, and one around each published definition. */
const corpusAccounts = (): AccountSource[] => {
  const base = cleanAccount(BASE);
  const source = (name: string, make: () => Parameters<typeof writeSnapshot>): AccountSource => ({
    name,
    use: async (work) => {
      const folder = await mkdtemp(join(tmpdir(), 'metamorphic-'));
      try {
        const [account, , files] = make();
        await writeSnapshot(account, folder, files);
        return await inFolder(folder, account.config)(work);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  });
  return [
    source('corpus: clean', () => [base, '']),
    ...mutations(base)
      .filter(({ name }) => name !== 'the roles were not read')
      .map(({ name, change, files }) =>
        source(`corpus: ${name}`, () => {
          const account = structuredClone(base);
          change(account);
          return [account, '', files];
        }),
      ),
    ...publishedDefinitions(casesFolder('pipelines')).map((definition) =>
      source(`corpus: around ${definition.name}`, () => [cleanAccount([definition]), '']),
    ),
  ];
};

/** Every account that there is. */
export const accountSources = (): AccountSource[] => [
  exampleAccount,
  ...realisticAccounts(),
  ...corpusAccounts(),
];
