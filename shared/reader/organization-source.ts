import { isDenied, type Unread } from '../domain/gap.ts';
import { once } from '../memo.ts';
import type { Read } from './read-result.ts';
import type { OrganizationPolicies, OwnOrganization, Reader } from './reader.ts';

/** Whoever tells what AWS Organizations says of accounts. */
export type OrganizationSource = {
  /** The SCPs and RCPs of an account and of all levels above it. */
  policiesOf: (account: string) => Promise<Read<OrganizationPolicies>>;
  /** The organization of an account, and the account’s path in it; null where it is in none. */
  ownOf: (account: string) => Promise<Read<OwnOrganization | null>>;
  /** Uses no answer any more that was asked for before `time`, in milliseconds since 1970. */
  forgetBefore: (time: number) => void;
};

/** A source that is loaded with the first question. Before that it has no answers that it could forget. */
export const loadedLater = <S extends OrganizationSource>(
  load: () => Promise<S>,
): OrganizationSource & { source: () => Promise<S> } => {
  let made: S | undefined;
  const source = once(async () => {
    made = await load();
    return made;
  });
  return {
    source,
    policiesOf: async (account) => (await source()).policiesOf(account),
    ownOf: async (account) => (await source()).ownOf(account),
    forgetBefore: (time) => made?.forgetBefore(time),
  };
};

/** AWS’s codes for an account of another organization, or of none. */
const OTHER_ORGANIZATION: readonly string[] = [
  'AccountNotFoundException',
  'ChildNotFoundException',
  'AWSOrganizationsNotInUseException',
];

/**
 * The answers of the first source that may answer. A source is passed over that AWS refuses, that knows nothing of the account, or,
 * where another one does, nothing of its path; where all are, the first one’s reason is told.
 */
export const firstAnswering = (
  first: OrganizationSource,
  ...others: readonly OrganizationSource[]
): OrganizationSource => {
  const firstOf = async <T>(
    ask: (source: OrganizationSource) => Promise<Read<T>>,
    isWhole: (value: T) => boolean,
  ): Promise<Read<T>> => {
    const isFinal = (answer: Read<T>) => (answer.ok ? isWhole(answer.value) : !isPassedOver(answer.unread));
    let best = await ask(first);
    if (isFinal(best)) return best;
    for (const source of others) {
      const answer = await ask(source);
      if (isFinal(answer)) return answer;
      if (answer.ok && !best.ok) best = answer;
    }
    return best;
  };
  return {
    policiesOf: (account) =>
      firstOf(
        (source) => source.policiesOf(account),
        () => true,
      ),
    ownOf: (account) =>
      firstOf(
        (source) => source.ownOf(account),
        (own) => own === null || own.path !== undefined,
      ),
    forgetBefore: (time) => {
      for (const source of [first, ...others]) source.forgetBefore(time);
    },
  };
};

const isPassedOver = ({ code }: Unread): boolean => isDenied(code) || OTHER_ORGANIZATION.includes(code);

/** What a reader itself tells of its account’s organization. It keeps nothing. */
export const sourceOf = (
  reader: Pick<Reader, 'readOrganizationPolicies' | 'readOwnOrganization'>,
): OrganizationSource => ({
  policiesOf: () => reader.readOrganizationPolicies(),
  ownOf: () => reader.readOwnOrganization(),
  forgetBefore: () => {},
});

/** The reader with a source in place of its own answers on the organization, which a member account may rarely read. */
export const withOrganization = <R extends Reader>(
  reader: R,
  source: Pick<OrganizationSource, 'policiesOf' | 'ownOf'>,
): R => ({
  ...reader,
  readOrganizationPolicies: () => source.policiesOf(reader.scope.account),
  readOwnOrganization: () => source.ownOf(reader.scope.account),
});
