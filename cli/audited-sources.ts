import { parseArn } from '../shared/domain/arn.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { PlaceOf } from '../shared/outputs/places/evidence-places.ts';
import { snapshotPlaces } from '../shared/outputs/places/snapshot-evidence.ts';
import { readSources, type Sources } from '../shared/outputs/report/sources.ts';
import type { Reader } from '../shared/reader/reader.ts';
import type { AuditedAccount } from './audit-input.ts';

/** The findings that a reader of the account can tell more about: those of its Region, and of the first one all others. */
const findingsBy = (
  { readers }: AuditedAccount,
  { scope }: Reader,
  findings: readonly Finding[],
): Finding[] => {
  const regions = readers.map((reader) => reader.scope.region);
  return findings.filter(({ account, resource }) => {
    const { region = '', account: ofArn } = parseArn(resource.arn) ?? {};
    const isOfAccount = (account ?? (ofArn || scope.account)) === scope.account;
    return isOfAccount && (regions.includes(region) ? region : regions[0]) === scope.region;
  });
};

/** The definitions and policies that findings point at, of all accounts. */
export const sourcesOf = async (
  accounts: readonly AuditedAccount[],
  findings: readonly Finding[],
): Promise<Sources> => {
  const all = await Promise.all(
    accounts.flatMap((account) =>
      account.readers.map((reader) => readSources(reader, findingsBy(account, reader, findings))),
    ),
  );
  return {
    pipelines: new Map(all.flatMap(({ pipelines }) => [...pipelines])),
    policies: new Map(all.flatMap(({ policies }) => [...policies])),
  };
};

/** The same for forms of one finding, as results make findings of findings; another one for two findings with one id. */
const keyOf = ({ id, evidence }: Finding): string => JSON.stringify([id, evidence]);

/** Where the evidence of findings stands in snapshot folders; nowhere where accounts are read live. */
export const placesIn = async (
  accounts: readonly AuditedAccount[],
  findings: readonly Finding[],
): Promise<PlaceOf> => {
  const places = new Map<string, () => ReturnType<PlaceOf>>();
  for (const account of accounts)
    for (const [index, dir] of account.dirs.entries()) {
      const reader = account.readers[index];
      const ofReader = reader ? findingsBy(account, reader, findings) : [];
      const placeOf = await snapshotPlaces(dir, ofReader);
      for (const finding of ofReader) places.set(keyOf(finding), () => placeOf(finding));
    }
  return (finding) => places.get(keyOf(finding))?.();
};
