import { createHash } from 'node:crypto';
import type { Finding } from '../domain/finding.ts';
import type { Judgement, LeftOut } from '../domain/judgement.ts';
import type { Ended } from './end-reason.ts';
import { accountOf, nameInRun, notAbout, notReached, type RunPlaces } from './run-places.ts';
import type { Observation } from './state.ts';
import { type Became, whatBecame } from './what-became.ts';

/**
 * What a run looked at, in a compact form. `resources` maps a string of letters, one for each of `controls` in their
 * order, to the digests of the ARNs of all resources with those letters. `passed` holds digests of subjects that passed
 * while something else on their resource is open. A digest is eight characters.
 */
export type RunLooks = {
  controls: string[];
  resources: Record<string, string>;
  passed: string;
  /** Set in a run over several accounts: the account stands before an ARN that names none. */
  byAccount?: true;
};

const LETTERS: Readonly<Record<Judgement['is'], string>> = {
  passed: 'p',
  nothing: 'n',
  mixed: 'm',
  unread: 'u',
  ungathered: 'x',
  gone: 'g',
  'left-out': 'o',
};
/** The control does not judge resources of that type. */
const NONE = '-';
const LENGTH = 8;
/** Where a run looked at a resource twice, the letter further right counts, so that doubt outweighs a verdict. */
const ORDER = `${NONE}gonpmxu`;

const digest = (...parts: (string | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, LENGTH);

const digestOf = (name: string): string => digest(name.toLowerCase());

/** Collects what a run looked at, one observation after the other. */
export const runLooksBuilder = (controls: readonly string[]) => {
  const letters = new Map<string, string>();
  const passed = new Set<string>();
  let isByAccount = false;
  return {
    /** `account` is given in a run over several accounts. */
    add: ({ resourceArn, judged, gone, finishedArn }: Observation, account?: string): void => {
      if (finishedArn !== undefined) return;
      if (account !== undefined) isByAccount = true;
      const name = nameInRun(resourceArn, account);
      const key = digestOf(name);
      const before = letters.get(key);
      const now = controls.map((control, index) => {
        const judgement = Object.hasOwn(judged, control) ? judged[control] : undefined;
        const letter = gone ? LETTERS.gone : judgement ? LETTERS[judgement.is] : NONE;
        const known = before?.[index] ?? NONE;
        if (judgement?.is === 'mixed' || judgement?.is === 'unread')
          for (const subject of judgement.passed) passed.add(digest(name.toLowerCase(), control, subject));
        return ORDER.indexOf(letter) > ORDER.indexOf(known) ? letter : known;
      });
      letters.set(key, now.join(''));
    },
    looks: (): RunLooks => {
      const resources = new Map<string, string[]>();
      for (const [key, pattern] of letters) resources.set(pattern, [...(resources.get(pattern) ?? []), key]);
      return {
        controls: [...controls],
        resources: Object.fromEntries(
          [...resources].toSorted().map(([pattern, keys]) => [pattern, keys.toSorted().join('')]),
        ),
        passed: [...passed].toSorted().join(''),
        ...(isByAccount && { byAccount: true }),
      };
    },
  };
};

/** The controls that gave a verdict on some resource, besides NOT_AVAILABLE and NOT_APPLICABLE. */
export const judgedIn = ({ controls, resources }: RunLooks): string[] => {
  const patterns = Object.keys(resources);
  const isVerdict = (letter: string | undefined) => letter === LETTERS.passed || letter === LETTERS.mixed;
  return controls.filter((_, index) => patterns.some((letters) => isVerdict(letters[index])));
};

/** On how many resources everything that a control judged passed. */
export const resourcesPassed = ({ controls, resources }: RunLooks, control: string): number => {
  const index = controls.indexOf(control);
  return Object.entries(resources).reduce(
    (sum, [letters, keys]) => (letters[index] === LETTERS.passed ? sum + keys.length / LENGTH : sum),
    0,
  );
};

/** A control that judged nothing because of the configuration. `accounts`: where, if it is not so in all accounts of the run. */
export type ControlOff = { control: string; accounts?: string[] } & LeftOut;

/**
 * What later runs need to know of a run to tell what became of its findings. Results of older versions lack some of it.
 */
export type RunScope = RunPlaces & {
  mode?: 'all' | 'events' | 'files' | undefined;
  looks?: RunLooks | undefined;
  controlsOff?: readonly ControlOff[] | undefined;
  configuration?: string | undefined;
  /** How findings ended since the run before, where a store keeps that. */
  ended?: readonly Ended[] | undefined;
};

const NOT_LOOKED: Readonly<Record<'all' | 'events' | 'files', string>> = {
  all: 'the run did not come to its resource',
  events: 'the run looked only at the resources of its events',
  files: 'its file was not given',
};

/** What became of a finding that the run `after` does not report as open. */
export const whatBecameInRun = (
  finding: Finding,
  before: Pick<RunScope, 'configuration'> & RunPlaces,
  after: RunScope,
): Became => {
  const { looks, mode = 'all', ended = [] } = after;
  const known = ended.find(({ id }) => id === finding.id);
  if (known) return becameOf(known);
  const notLooked = (because: string): Became => ({ is: 'unjudged', why: 'not-looked-at', because });
  const other = notAbout(finding, before, after);
  if (other !== undefined) return notLooked(other);
  const account = accountOf(finding, before);
  const controlsOff = (after.controlsOff ?? []).filter(
    ({ accounts }) => !accounts || account === undefined || accounts.includes(account),
  );
  const off = controlsOff.find(({ control }) => control === finding.control);
  if (off) return { is: 'unjudged', why: off.why, because: off.because };
  if (!looks)
    return { is: 'unjudged', why: 'not-known', because: 'the later results do not say what was looked at' };
  // Every run reads the configuration. Where a control is switched off, though, nobody asks any more for the list that
  // it needs.
  if (finding.resource.type === 'configuration') {
    // Results of older versions have a finding for each list, and newer ones one for all.
    const isTold = (because: string) =>
      because.split(' and ').some((each) => each.endsWith(`no ${finding.subject}`));
    if (controlsOff.some(({ why, because }) => why === 'not-configured' && isTold(because)))
      return { is: 'gathered' };
    return controlsOff.some(({ why }) => why === 'control-off')
      ? {
          is: 'unjudged',
          why: 'control-off',
          because: 'a control that may have asked for it is switched off',
        }
      : { is: 'mended' };
  }
  const index = looks.controls.indexOf(finding.control);
  if (index < 0) return whatBecame(finding, undefined, { hasPassed: false, isSameConfiguration: undefined });
  const name = nameInRun(finding.resource.arn, looks.byAccount ? account : undefined);
  const letter = lettersOf(looks, name)?.[index];
  if (letter === undefined || letter === NONE)
    return notLooked(notReached(finding, before, after) ?? NOT_LOOKED[mode]);
  const isSameConfiguration =
    before.configuration === undefined || after.configuration === undefined
      ? undefined
      : before.configuration === after.configuration;
  const key = digest(name.toLowerCase(), finding.control, finding.subject ?? null);
  return whatBecame(finding, judgementOf(letter), {
    hasPassed: holds(looks.passed, key),
    isSameConfiguration,
  });
};

const becameOf = ({ how, because }: Ended): Became => {
  switch (how) {
    case 'mended':
    case 'gone':
    case 'gathered':
      return { is: how };
    case 'not-applicable':
      return { is: how, because };
    case 'expired':
      return { is: 'gone' };
    default:
      return { is: 'unjudged', why: how, because };
  }
};

const lettersOf = ({ resources }: RunLooks, name: string): string | undefined => {
  const key = digestOf(name);
  return Object.entries(resources).find(([, keys]) => holds(keys, key))?.[0];
};

/** Whether a digest is among digests that are written without separators. A match across two digests does not count. */
const holds = (digests: string, key: string): boolean => {
  for (let at = digests.indexOf(key); at >= 0; at = digests.indexOf(key, at + 1))
    if (at % LENGTH === 0) return true;
  return false;
};

const UNSAID = 'the later run could not read what it needs';

const judgementOf = (letter: string): Judgement => {
  const is = (Object.keys(LETTERS) as Judgement['is'][]).find((known) => LETTERS[known] === letter);
  switch (is) {
    case 'passed':
    case 'gone':
      return { is };
    case 'nothing':
      return { is, because: 'there is nothing left that the control judges' };
    case 'mixed':
      return { is, passed: [] };
    case 'unread':
      return { is, passed: [], because: UNSAID };
    case 'ungathered':
    case undefined:
      return { is: 'ungathered', because: UNSAID };
    case 'left-out':
      return { is, why: 'not-configured', because: 'the configuration keeps the control from judging' };
  }
};
