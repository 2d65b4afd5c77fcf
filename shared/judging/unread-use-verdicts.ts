import type { Evidence, TriedRemediation, Verdict } from '../domain/finding.ts';
import type { RoleChange } from '../domain/role-change.ts';
import type { UnreadPipeline, UnreadUse } from '../needs/roster.ts';
import { quotedUnreadRemedy } from './unread-remedy.ts';
import { plainText } from './verdicts.ts';

type Unavailable = Extract<Verdict, { status: 'FAILED' | 'WARNING' | 'NOT_AVAILABLE' }>;

/**
 * The verdicts on a role that unreadable pipelines may use. A fault stays a fault; nothing passes that depends on
 * what those pipelines need; and no command removes permissions that one of them may need.
 */
export const withUnreadUses = (
  verdicts: readonly Verdict[],
  unread: readonly UnreadUse[],
  hangsOn: readonly UnreadUse['as'][],
): Verdict[] => {
  const unknown = unknownUse(unread, hangsOn);
  return verdicts.map((verdict) =>
    'evidence' in verdict
      ? { ...verdict, remediation: harmless(verdict.remediation, unread) }
      : (unknown ?? verdict),
  );
};

/** The verdict on a role that depends on unreadable pipelines; undefined if there are none. */
export const unknownUse = (
  unread: readonly UnreadUse[],
  hangsOn: readonly UnreadUse['as'][],
): Unavailable | undefined =>
  unavailable(
    unread
      .filter((use) => hangsOn.includes(use.as))
      .map((use) => ({ ...use, expected: `a pipeline that can be read, as this may be its ${use.as}` })),
  );

/** The verdict if execution roles of pipelines are unknown but all must be known; undefined if all are known. */
export const unknownExecutionRoles = (unread: readonly UnreadPipeline[]): Unavailable | undefined =>
  unavailable(
    unread
      .filter(({ described }) => !described)
      .map((use) => ({ ...use, expected: 'a pipeline whose execution role is known' })),
  );

/** The verdict if the needs of pipelines are unknown but all must be known; undefined if all are known. */
export const unknownNeeds = (unread: readonly UnreadPipeline[]): Unavailable | undefined =>
  unavailable(unread.map((use) => ({ ...use, expected: 'a pipeline that can be read' })));

/** A person reads only the first few. */
const MAX_EVIDENCE = 20;

const unavailable = (
  unread: readonly { name: string; why: string; expected: string }[],
): Unavailable | undefined => {
  const [first, ...others] = unread
    .slice(0, MAX_EVIDENCE)
    .map(({ name, why, expected }): Evidence => ({ at: `pipeline ${name}`, found: why, expected }));
  return (
    first && {
      status: 'NOT_AVAILABLE',
      evidence: [first, ...others],
      remediation: {
        text: quotedUnreadRemedy(
          unread.map(({ why }) => why),
          `See to it that ${namesOf(unread)} can be read, and audit again.`,
        ),
      },
    }
  );
};

const namesOf = (unread: readonly { name: string }[]): string => {
  const names = [...new Set(unread.map(({ name }) => name))];
  return `${names.length > 1 ? 'the pipelines' : 'the pipeline'} ${names.slice(0, 5).join(', ')}`;
};

const harmless = (remediation: TriedRemediation, unread: readonly UnreadUse[]): TriedRemediation => {
  const { change } = remediation;
  if (unread.length === 0 || !change || !takesAway(change)) return remediation;
  return {
    text: `${plainText(remediation)} No command is given, as it is not known what ${namesOf(unread)} needs of the role.`,
  };
};

const takesAway = (change: RoleChange): boolean => {
  switch (change.type) {
    case 'put-policy':
      return change.document.Statement.some(({ Effect }) => Effect === 'Deny');
    case 'tag':
    case 'untag': // only SCPs read tags, and of who runs under an execution role
      return false;
    case 'trust':
      return true;
  }
};
