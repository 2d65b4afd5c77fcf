import type { RunPlace } from '../../../shared/findings/run-places.ts';
import { withSharedCauses } from '../../../shared/outputs/formats/causes.ts';
import { type Results, toResults } from '../../../shared/outputs/formats/results.ts';
import { manyFindings } from './many-findings.ts';

const accountOf = (index: number): string => String(100_000_000_001 + index * 7919);

const UNITS = 9;

/** The results of so many accounts in ten organizational units, each with findings; `isAlike`: with the same ones. */
export const manyAccounts = (
  count: number,
  { perAccount = 20, isAlike = false, generatedAt = '2026-11-24T03:44:05.123Z' } = {},
): Results => {
  const all = manyFindings(isAlike ? perAccount : count * perAccount);
  const accounts = Array.from({ length: count }, (_, index) => index);
  const findings = accounts.flatMap((index) => {
    const account = accountOf(index);
    const own = isAlike ? all : all.slice(index * perAccount, (index + 1) * perAccount);
    return own.map((finding) => {
      const moved = JSON.parse(JSON.stringify(finding).replaceAll('111122223333', account)) as typeof finding;
      return { ...moved, id: `${finding.id}-${account}`, account };
    });
  });
  const scopes = accounts.flatMap((index): RunPlace[] =>
    ['eu-west-1', 'us-east-1'].map((region) => ({
      account: accountOf(index),
      region,
      name: `ml-${index}`,
      path: `o-a1b2c3d4e5/r-ab12/ou-ab12-unit000${index % UNITS}/`,
      ...(index % 50 === 49 && region === 'us-east-1'
        ? { coverage: 'not-judged', because: 'AssumeRole: AccessDenied: not allowed' }
        : { coverage: 'judged' }),
    })),
  );
  return toResults({
    findings: withSharedCauses(findings),
    generatedAt,
    account: accounts.map(accountOf).join(', '),
    region: 'eu-west-1, us-east-1',
    all: false,
    scope: { mode: 'all', scopes },
  });
};
