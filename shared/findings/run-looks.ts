import { createHash } from 'node:crypto';
import type { Finding } from '../domain/finding.ts';
import type { Judgement, LeftOut } from '../domain/judgement.ts';
import type { Ended } from './end-reason.ts';
import { isOfWhatHasRun } from './group-finished.ts';
import { accountOf, nameInRun, notAbout, notReached, type RunPlaces } from './run-places.ts';
import { leftOutBy, listsPart, type RunSelection, selectionTexts } from './run-selection.ts';
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
    add: (
      {
        resourceArn,
        judged,
        gone,
        finishedArn,
      }: Pick<Observation, 'resourceArn' | 'judged' | 'gone' | 'finishedArn'>,
      account?: string,
    ): void => {
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
  mode?: RunMode | undefined;
  looks?: RunLooks | undefined;
  controlsOff?: readonly ControlOff[] | undefined;
  /** `judging`: a digest of what the configuration tells the controls. */
  configuration?: { judging?: string | undefined } | undefined;
  /** What the run was narrowed to; missing in results of version 1.0. */
  scope?: { selection?: RunSelection | undefined } | undefined;
  /** How findings ended since the run before, where a store keeps that. */
  ended?: readonly Ended[] | undefined;
};

/** What a run looked at: everything, the resources of events, files, or what templates and plans declare. */
export const RUN_MODES = ['all', 'events', 'files', 'declared'] as const;
export type RunMode = (typeof RUN_MODES)[number];

const NOT_LOOKED: Readonly<Record<RunMode, string>> = {
  all: 'the run did not come to its resource',
  events: 'the run looked only at the resources of its events',
  files: 'its file was not given',
  declared: 'the run looked only at what its templates or plan declare',
};

/**
 * What became of a finding that the run `after` does not report as open. Only what that run looked at, and did not leave out, can
 * have been mended.
 */
export const whatBecameInRun = (
  finding: Finding,
  before: Pick<RunScope, 'configuration'> & RunPlaces,
  after: RunScope,
): Became => {
  const { looks, ended = [] } = after;
  const known = ended.find(({ id }) => id === finding.id);
  if (known) return becameOf(known);
  const notLooked = (because: string): Became => ({ is: 'unjudged', why: 'not-looked-at', because });
  const other = notAbout(finding, before, after);
  if (other !== undefined) return notLooked(other);
  const selection = after.scope?.selection ?? {};
  const leftOut = leftOutBy(selection, finding);
  if (leftOut !== undefined) return notLooked(leftOut);
  const account = accountOf(finding, before);
  const controlsOff = offIn(after, account);
  const off = controlsOff.find(({ control }) => control === finding.control);
  if (off) return { is: 'unjudged', why: off.why, because: off.because };
  if (!looks)
    return { is: 'unjudged', why: 'not-known', because: 'the later results do not say what was looked at' };
  const index = looks.controls.indexOf(finding.control);
  if (index < 0) return whatBecame(finding, undefined, { hasPassed: false, isSameConfiguration: undefined });
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
  if (isOfWhatHasRun(finding))
    return notLooked('the run did not come to the jobs or executions that it is about');
  const name = nameInRun(finding.resource.arn, looks.byAccount ? account : undefined);
  const letter = letterOf(looks, name, index);
  if (letter === undefined) return notLooked(whyNotCome(finding, before, after));
  const [one, now] = [before.configuration?.judging, after.configuration?.judging];
  const isSameConfiguration = one === undefined || now === undefined ? undefined : one === now;
  const key = digest(name.toLowerCase(), finding.control, finding.subject ?? null);
  const became = whatBecame(finding, judgementOf(letter), {
    hasPassed: holds(looks.passed, key),
    isSameConfiguration,
  });
  return became.is === 'gathered' && listsPart(selection)
    ? notLooked(`only ${selectionTexts(selection).join(', ')}, so that it may be open there`)
    : became;
};

/**
 * Why the run `before` could not have told of a finding that the later one has, so that nobody knows whether it is new; undefined
 * where it could. Results that do not say what was looked at are taken for whole ones.
 */
export const whyNotSeen = (finding: Finding, before: RunScope, after: RunPlaces): string | undefined => {
  const { looks, mode } = before;
  const other = notAbout(finding, after, before);
  if (other !== undefined) return other;
  const leftOut = leftOutBy(before.scope?.selection ?? {}, finding);
  if (leftOut !== undefined) return leftOut;
  const account = accountOf(finding, after);
  const off = offIn(before, account).find(({ control }) => control === finding.control);
  if (off) return off.because;
  if (!looks || finding.resource.type === 'configuration') return undefined;
  const index = looks.controls.indexOf(finding.control);
  if (index < 0) return 'the earlier run had no such control';
  const name = nameInRun(finding.resource.arn, looks.byAccount ? account : undefined);
  const letter = letterOf(looks, name, index);
  if (letter === undefined) return mode === 'events' ? NOT_LOOKED[mode] : notReached(finding, after, before);
  return letter === LETTERS.ungathered ? UNSAID : undefined;
};

const offIn = ({ controlsOff = [] }: RunScope, account: string | undefined): readonly ControlOff[] =>
  controlsOff.filter(({ accounts }) => !accounts || account === undefined || accounts.includes(account));

const whyNotCome = (finding: Finding, before: RunPlaces, after: RunScope): string =>
  notReached(finding, before, after) ?? NOT_LOOKED[after.mode ?? 'all'];

/** The letter of a control on a resource; undefined where it did not judge there. */
const letterOf = (looks: RunLooks, name: string, index: number): string | undefined => {
  const letter = lettersOf(looks, name)?.[index];
  return letter === NONE ? undefined : letter;
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

const UNSAID = 'the run could not read what it needs';

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
