import { withoutRoot } from '../authorised/trusted.ts';
import { parseArn } from '../domain/arn.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { listed } from '../text/listed.ts';

/** The accounts besides its own whose principals a role trusts; `*` for everybody. */
export const trustedAccounts = ({ trust }: Pick<Identity, 'trust'>, own: string): string[] => [
  ...new Set(
    (trust?.statements ?? [])
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ principals }) => {
        if (!principals) return [];
        if (principals.isNot) return '*';
        return principals.principals
          .filter(({ type }) => type === 'AWS')
          .map(({ value }) => parseArn(value)?.account ?? withoutRoot(value));
      })
      .filter((account) => account !== own),
  ),
];

/** A note on a role that principals of other accounts may assume. */
export const assumingOutsiders = (identity: Pick<Identity, 'trust'>, own: string): string[] => {
  const accounts = trustedAccounts(identity, own);
  return accounts.length > 0 ? [`account ${listed(accounts, 3)} may assume it`] : [];
};
