import { Document, isCollection, isNode, stringify } from 'yaml';
import { DEFAULT_NAMES } from '../authorised/prefixes.ts';
import type { CreatorsEntry } from '../config/creators.ts';
import type { Prefix } from '../config/schema.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { listed } from '../text/listed.ts';
import { type Floor, foundException, foundFloors } from './found-conditions.ts';
import { counted, foundPrefixes, type Noted } from './found-prefixes.ts';
import {
  type AccountLayers,
  ADMINISTRATOR,
  foundCreators,
  foundExecutionRoles,
  foundStepRoles,
  rolesKeptTo,
} from './found-roles.ts';
import { foundTrusted } from './found-trusted.ts';
import type { PipelineSurvey } from './survey.ts';

/** What was read of an account in order to propose a configuration. */
export type AccountSurvey = {
  scope: { partition: string; region: string; account: string };
  pipelines: readonly PipelineSurvey[];
  identities: readonly Identity[];
  layers: AccountLayers;
  /** The newest versions of some pipelines. */
  versions: readonly { pipeline: string; newest: number }[];
  /** What could not be read, each with its reason. */
  unread: readonly string[];
};

/** A configuration as text, and remarks to check before using it. */
export type Proposal = { text: string; remarks: string[] };

const MAX_LISTED = 1000;
const MAX_UNCLEAR = 20;
const MAX_COMMENT = 300;

/**
 * Proposes the configuration that the account already follows, with the source of each part. What the account does
 * not show becomes a comment.
 */
export const proposeConfig = (survey: AccountSurvey): Proposal => {
  const { pipelines, identities, layers, scope } = survey;
  const bound = foundPrefixes(pipelines);
  const kept = rolesKeptTo(
    bound.map(({ value }) => value),
    identities,
    layers,
    scope,
  );
  const prefixes = bound.map((each) => withKeptRoles(each, kept));
  const execution = foundExecutionRoles(pipelines, identities, layers).slice(0, MAX_LISTED);
  const steps = foundStepRoles(pipelines, identities, layers).slice(0, MAX_LISTED);
  const creators = foundCreators(pipelines, identities, layers, scope).slice(0, MAX_LISTED);
  const trusted = foundTrusted(
    pipelines.flatMap(({ roleArn, stepRoles }) => [roleArn, ...stepRoles]),
    identities,
  );
  const buckets = foundBuckets(pipelines).slice(0, MAX_LISTED);
  const floors = foundFloors(identities, layers.scps);
  const exception = foundException(layers.scps);
  const unclear = pipelines.flatMap(({ name, unclear: places }) =>
    places.map((place) => `${name}: ${place}`),
  );
  const administrators = [...execution, ...steps]
    .filter(({ notes }) => notes.includes(ADMINISTRATOR))
    .map(({ value }) => value);
  // An explicit emptiness says that there is none, which only a whole look at pipelines can tell.
  const isWhole = pipelines.length > 0 && survey.unread.length === 0 && unclear.length === 0;
  const sections = [
    comment([
      `What was found in account ${scope.account}, ${scope.region}, in ${counted(pipelines.length, 'pipeline')}: what is in use, and not yet what should be.`,
      'Read it, take out what is not meant, and see what an audit says.',
      ...survey.unread.map((what) => `Not read: ${what}`),
    ]) + yaml({ version: 1 }),
    listSection('prefixes', 'Job-name prefixes, and who may use them where.', prefixes, {
      prefix: 'team-task',
      pipelines: ['team-*'],
    }) + (isWhole && prefixes.length === 0 ? yaml({ prefixes: [] }) : ''),
    rolesSection({ creators: creators.map(shortEntry), execution, steps, trusted }, isWhole),
    buckets.length > 0
      ? section('The buckets that images are read from.', { imageBuckets: { names: values(buckets) } }, [
          ['imageBuckets', 'names', buckets],
        ])
      : suggestion('No step reads images from a bucket that is known before a run.', {
          imageBuckets: { names: ['example-images'] },
        }),
    floorsSection(floors, survey.versions) +
      (isWhole && floors.length === 0 ? yaml({ versionFloors: [] }) : ''),
    exception
      ? comment(['The tag by which SCPs let JsonGet read S3 from outside the VPC.', ...exception.notes]) +
        yaml({ scpException: exception.value })
      : suggestion('No SCP was found that keeps S3 to a network and excepts a tag.', {
          scpException: { tagKey: 'pipelines-json-get', tagValue: 'true' },
        }) + (isWhole ? yaml({ scpException: null }) : ''),
    ...(unclear.length > 0
      ? [comment(['Not clear before a run, or of a form that is not known:', ...few(unclear)])]
      : []),
  ];
  return {
    text: sections.join('\n'),
    remarks: [
      `prefixes ${prefixes.length}, creators ${creators.length}, execution roles ${execution.length}, step roles ${steps.length}, image buckets ${buckets.length}, version floors ${floors.length}, SCP exception ${exception ? 'yes' : 'no'}`,
      ...(prefixes.some(({ value }) => value.prefix === DEFAULT_NAMES)
        ? ['look at prefix pipelines: it allows jobs without a base job name where they are now']
        : []),
      ...(administrators.length > 0
        ? [`look at administrators among the roles: ${listed(administrators)}`]
        : []),
      ...(creators.length > 0 ? ['look at roles.creators: whoever may now is not whoever should'] : []),
      ...(floors.length === 0
        ? ['versionFloors is empty, as no policy keeps anyone to versions of a pipeline']
        : []),
      ...(unclear.length > 0
        ? [`not clear before a run: ${counted(unclear.length, 'place')}; see the end`]
        : []),
    ],
  };
};

/** A creator that is tied to no pipeline is written as its ARN. */
const shortEntry = ({ value, notes }: Noted<CreatorsEntry>): Noted<CreatorsEntry | string> => ({
  value: value.pipelines === undefined ? (value.roles[0] ?? '') : value,
  notes,
});

/** The prefix for its pipelines alone where one of its roles may create jobs beyond it. */
const withKeptRoles = ({ value, notes }: Noted<Prefix>, kept: ReadonlySet<string>): Noted<Prefix> => {
  const { roles, ...free } = value;
  if (!roles || roles.every((role) => kept.has(role))) return { value, notes };
  return { value: free, notes: [...notes, `bound to no role, as a role may do more: ${listed(roles, 3)}`] };
};

const foundBuckets = (pipelines: readonly PipelineSurvey[]): Noted<string>[] => {
  const users = new Map<string, string[]>();
  for (const { name, imageBuckets } of pipelines)
    for (const bucket of imageBuckets.filter((each) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(each)))
      users.set(bucket, [...(users.get(bucket) ?? []), name]);
  return [...users]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([value, names]) => ({
      value,
      notes: [`read in ${counted(names.length, 'pipeline')}: ${listed(names, 3)}`],
    }));
};

const LIST = new Intl.ListFormat('en-GB');

const rolesSection = (
  roles: Record<'creators' | 'execution' | 'steps' | 'trusted', Noted<unknown>[]>,
  isWhole: boolean,
): string => {
  const found = Object.entries(roles).filter(([, list]) => list.length > 0);
  const missing = Object.entries(roles).flatMap(([name, list]) => (list.length > 0 ? [] : name));
  const about = [
    'Who makes pipelines (administrators left out) and which, what pipelines run under, what their steps name, and the services of AWS that such roles trust.',
    ...(missing.length > 0 ? [`Nothing was found for ${LIST.format(missing)}.`] : []),
  ];
  if (found.length === 0)
    return suggestion(about.join(' '), {
      roles: { execution: ['arn:aws:iam::111122223333:role/pipelines/*'] },
    });
  const value = {
    ...(isWhole && roles.creators.length === 0 && { creators: [] }),
    ...Object.fromEntries(found.map(([name, list]) => [name, values(list)])),
  };
  return section(
    about,
    { roles: value },
    found.map(([name, list]) => ['roles', name, list]),
  );
};

const floorsSection = (floors: Noted<Floor>[], versions: AccountSurvey['versions']): string => {
  const held = floors.map(({ value }) => value.pipeline);
  const newest = versions
    .filter(({ pipeline }) => !matchesAny(held, pipeline))
    .map(({ pipeline, newest: minimum }) => ({ pipeline, minimum }));
  const suggested =
    newest.length > 0
      ? commented({ versionFloors: newest }, 'Pipelines with versions and no floor, by their newest:')
      : '';
  if (floors.length > 0)
    return (
      listSection('versionFloors', 'Versions before these must not run, as policies have it.', floors, {}) +
      suggested
    );
  return comment(['No policy keeps anyone to versions of a pipeline.']) + suggested;
};

const listSection = (name: string, about: string, list: readonly Noted<object>[], example: object): string =>
  list.length > 0
    ? section(about, { [name]: values(list) }, [[name, list]])
    : suggestion(`${about} None was found.`, { [name]: [example] });

const values = <T>(list: readonly Noted<T>[]): T[] => list.map(({ value }) => value);

type Notes = readonly [...path: string[], list: readonly Noted<unknown>[]];

const section = (about: string | string[], value: object, notes: readonly Notes[]): string => {
  const document = new Document(value, { aliasDuplicateObjects: false });
  for (const entry of notes) {
    const path = entry.slice(0, -1) as string[];
    const list = entry.at(-1) as readonly Noted<unknown>[];
    for (const [index, { notes: lines }] of list.entries()) {
      const node = document.getIn([...path, index], true);
      if (isNode(node)) node.commentBefore = lines.map((line) => ` ${commentText(line)}`).join('\n');
      const patterns = document.getIn([...path, index, 'stepTypes'], true);
      if (isCollection(patterns)) patterns.flow = true;
    }
  }
  return comment([about].flat()) + document.toString({ lineWidth: 0 });
};

const suggestion = (about: string, value: object): string => commented(value, about);

const commented = (value: object, about: string): string =>
  comment([about]) + yaml(value).replaceAll(/^(?=.)/gm, '# ');

const yaml = (value: object): string => stringify(value, { lineWidth: 0 });

const comment = (lines: readonly string[]): string =>
  lines.map((line) => `# ${commentText(line)}\n`).join('');

/** Anyone who can create a pipeline chooses its names, so a name must not end the comment or colour a terminal. */
const commentText = (text: string): string => {
  const plain = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return plain.length > MAX_COMMENT ? `${plain.slice(0, MAX_COMMENT)}...` : plain;
};

const few = (texts: readonly string[]): string[] =>
  texts.length > MAX_UNCLEAR
    ? [...texts.slice(0, MAX_UNCLEAR), `and ${texts.length - MAX_UNCLEAR} more`]
    : [...texts];
