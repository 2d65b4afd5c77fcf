import { MalformedPolicyDocumentException } from '@aws-sdk/client-iam';
import type { Finding } from '../../shared/domain/finding.ts';
import type { Account } from './account.ts';
import { judge } from './judge.ts';
import { judgeLive } from './judge-live.ts';

/** Verdicts that only one of the two ways gives, or why AWS would not accept such an account. */
export type Difference = { inSnapshotOnly: string[]; liveOnly: string[]; refused?: string };

const verdicts = (findings: readonly Finding[]): Set<string> =>
  new Set(
    findings.map(({ control, resource, status, subject = '' }) =>
      `${control} ${resource.arn} ${status} ${subject}`.trimEnd(),
    ),
  );

/** moto knows neither versions of pipelines, so that it tells nothing of their aliases, nor shares that hold pipelines. */
const isKnownToMoto = ({ control }: Finding): boolean =>
  control !== 'version-alias-kept' && control !== 'pipeline-shared';

/** Compares the verdicts on a snapshot of the account with those on the account itself. */
export const sameLive = async (account: Account, endpoint: string): Promise<Difference> => {
  try {
    const live = verdicts((await judgeLive(account, endpoint)).filter(isKnownToMoto));
    const snapshot = verdicts((await judge(account)).filter(isKnownToMoto));
    return {
      inSnapshotOnly: [...snapshot].filter((verdict) => !live.has(verdict)),
      liveOnly: [...live].filter((verdict) => !snapshot.has(verdict)),
    };
  } catch (error) {
    if (!(error instanceof MalformedPolicyDocumentException)) throw error;
    return { inSnapshotOnly: [], liveOnly: [], refused: error.message };
  }
};
