import { DEFAULT_NAMES } from '../authorised/prefixes.ts';
import { accountScope, type Scope } from '../domain/scope.ts';
import { type AccountLayers, accountPrincipal } from '../facts/account-principal.ts';
import type { Directory, Identity } from '../iam/decide/authorization-details.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { CorsRule, PipelineShare } from '../reader/reader.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import { foundAdministrators } from './found-administrators.ts';
import { type FoundBuckets, foundBuckets } from './found-buckets.ts';
import { type Floor, foundException, foundFloors, withReleasers } from './found-conditions.ts';
import { creatorEntries, foundCreators, foundStarters, makingAdministrators } from './found-creators.ts';
import { doubtfulPrefixes, foundPrefixes } from './found-prefixes.ts';
import { foundExecutionRoles, foundStepRoles } from './found-roles.ts';
import { type FoundShares, foundShares } from './found-shares.ts';
import { foundTrusted } from './found-trusted.ts';
import { keptPrefixes } from './kept-prefixes.ts';
import type { Noted } from './noted.ts';
import type { PipelineSurvey } from './survey.ts';
import { comment, commented, listSection, section, toConfirm, values, yaml } from './yaml-sections.ts';

/** What was read of an account in order to propose a configuration. */
export type AccountSurvey = {
  scope: Scope;
  pipelines: readonly PipelineSurvey[];
  identities: readonly Identity[];
  directory: Directory;
  layers: AccountLayers;
  /** The newest versions of some pipelines. */
  versions: readonly { pipeline: string; newest: number }[];
  /** The shares of AWS RAM that hold pipelines. */
  shares: readonly PipelineShare[];
  /** The CORS rules of buckets with images or their manifests, as far as they were read. */
  cors: ReadonlyMap<string, readonly CorsRule[]>;
  /** What could not be read, each with its reason. */
  unread: readonly string[];
};

/** A configuration as text, and remarks to check before using it. */
export type Proposal = { text: string; remarks: string[] };

const MAX_LISTED = 1000;
const MAX_UNCLEAR = 20;

/**
 * Proposes the configuration that the account already follows, with the source of each part. What the account does
 * not show, and what is plainly wrong, becomes a comment.
 */
export const proposeConfig = (survey: AccountSurvey): Proposal => {
  const { pipelines, layers, scope } = survey;
  const found = findings(survey);
  const { prefixes, execution, steps, creators, administrators, trusted, buckets, shares, floors } = found;
  const exception = foundException(layers.scps, scope.account);
  const unclear = pipelines.flatMap(({ name, unclear: places }) =>
    places.map((place) => `${name}: ${place}`),
  );
  // An explicit emptiness says that there is none, which only a whole look at pipelines can tell.
  const isWhole = pipelines.length > 0 && survey.unread.length === 0 && unclear.length === 0;
  const strong = [...execution.administrators, ...steps.administrators];
  const sections = [
    comment([
      `What was found in account ${scope.account}, ${scope.region}, in ${counted(pipelines.length, 'pipeline')}: what is in use, and not yet what should be.`,
      'Nobody has decided what is marked "found, to be confirmed". Read it, take out what is not meant, and see what an audit says.',
      ...survey.unread.map((what) => `Not read: ${what}`),
    ]) + yaml({ version: 1 }),
    listSection('prefixes', 'Job-name prefixes, and who may use them where.', prefixes, {
      prefix: 'team-task',
      pipelines: ['team-*'],
    }) + (isWhole && prefixes.length === 0 ? yaml({ prefixes: [] }) : ''),
    rolesSection(
      { creators, administrators, execution: execution.roles, steps: steps.roles, trusted },
      isWhole,
      strong,
      found.strongMakers,
    ),
    bucketsSection(buckets),
    ...sharesSection(shares),
    floorsSection(floors, survey.versions) +
      (isWhole && floors.length === 0 ? yaml({ versionFloors: [] }) : ''),
    exception
      ? comment([
          'The tag by which SCPs let JsonGet read S3 from outside the VPC.',
          ...toConfirm(exception.notes),
        ]) + yaml({ scpException: exception.value })
      : commented(
          { scpException: { tagKey: 'pipelines-json-get', tagValue: 'true' } },
          'No SCP was found that keeps S3 to a network and excepts a tag.',
        ) + (isWhole ? yaml({ scpException: null }) : ''),
    ...(unclear.length > 0
      ? [comment(['Not clear before a run, or of a form that is not known:', ...few(unclear)])]
      : []),
  ];
  return {
    text: sections.join('\n'),
    remarks: [
      `prefixes ${prefixes.length}, creators ${creators.length}, administrators ${administrators.length}, execution roles ${execution.roles.length}, step roles ${steps.roles.length}, image buckets ${buckets.names.length}, shared with ${shares.entries.length}, version floors ${floors.length}, SCP exception ${exception ? 'yes' : 'no'}`,
      ...(prefixes.some(({ value }) => value.prefix === DEFAULT_NAMES)
        ? ['look at prefix pipelines: it allows jobs without a base job name where they are now']
        : []),
      ...doubtfulPrefixes(prefixes),
      ...(found.strongMakers.length > 0
        ? [
            `look at administrators, who may make pipelines as well: name in roles.creators those who do, so that an audit judges them (${listed(found.strongMakers, 5)})`,
          ]
        : []),
      ...(strong.length > 0
        ? [`left out as administrators: ${listed(values(strong))}; give these pipelines roles of their own`]
        : []),
      ...(creators.length > 0 ? ['look at roles.creators: whoever may now is not whoever should'] : []),
      ...(shares.leftOut.length > 0
        ? [`left out of sharedWith, as nothing shows that they are meant: ${listed(shares.leftOut, 3)}`]
        : []),
      ...(floors.length === 0
        ? ['versionFloors is empty, as no policy keeps anyone to versions of a pipeline']
        : []),
      ...(unclear.length > 0
        ? [`not clear before a run: ${counted(unclear.length, 'place')}; see the end`]
        : []),
    ],
  };
};

/** Everything that a proposal takes from what was read of an account. */
const findings = (survey: AccountSurvey) => {
  const { pipelines, identities, layers, scope } = survey;
  const principals = identities.map((identity) => accountPrincipal(identity, layers, accountScope(scope)));
  const prefixes = keptPrefixes(foundPrefixes(pipelines), principals);
  const creators = foundCreators(pipelines, principals);
  const workers = [...creators, ...foundStarters(pipelines, principals, creators, prefixes)];
  const used = pipelines.flatMap(({ roleArn, stepRoles }) => [roleArn, ...stepRoles]);
  const makers = new Set(creators.map(({ principal }) => principal.identity.principal.arn));
  return {
    prefixes,
    creators: creatorEntries(workers, pipelines).slice(0, MAX_LISTED),
    strongMakers: pipelines.length === 0 ? [] : makingAdministrators(principals),
    administrators: foundAdministrators(new Set(used), makers, {
      principals,
      directory: survey.directory,
    }).slice(0, MAX_LISTED),
    execution: firstOf(foundExecutionRoles(pipelines, principals)),
    steps: firstOf(foundStepRoles(pipelines, principals)),
    trusted: foundTrusted(used, identities),
    buckets: foundBuckets(pipelines, survey.cors),
    shares: foundShares(
      survey.shares,
      pipelines.map(({ name }) => name),
      scope,
    ),
    floors: withReleasers(foundFloors(identities, layers.scps), workers),
  };
};

const firstOf = <T extends { roles: Noted<string>[] }>(found: T): T => ({
  ...found,
  roles: found.roles.slice(0, MAX_LISTED),
});

const LIST = new Intl.ListFormat('en-GB');

const rolesSection = (
  roles: Record<'creators' | 'administrators' | 'execution' | 'steps' | 'trusted', Noted<unknown>[]>,
  isWhole: boolean,
  strong: readonly Noted<string>[],
  strongMakers: readonly string[],
): string => {
  const found = Object.entries(roles).filter(([, list]) => list.length > 0);
  const missing = Object.entries(roles).flatMap(([name, list]) => (list.length > 0 ? [] : name));
  const about = [
    'Who makes or starts pipelines (administrators left out) and which, who deploys the roles of pipelines, what pipelines run under, what their steps name, and the services of AWS that such roles trust.',
    ...(missing.length > 0 ? [`Nothing was found for ${LIST.format(missing)}.`] : []),
    ...(strongMakers.length > 0
      ? [
          'Administrators may make pipelines as well. Name in creators those who do, so that an audit judges them:',
          ...few(strongMakers),
        ]
      : []),
    ...strong.map(
      ({ value, notes }) =>
        `Left out, although ${notes.join(', ')}: ${value} is an administrator, and can give itself whatever it lacks.`,
    ),
  ];
  if (found.length === 0)
    return commented(
      { roles: { execution: ['arn:aws:iam::111122223333:role/pipelines/*'] } },
      about.join(' '),
    );
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

const bucketsSection = ({ names, hasGroundTruth, manifestsAlone }: FoundBuckets): string => {
  const more =
    manifestsAlone.length > 0
      ? comment([
          `Manifests of images lie in ${listed(manifestsAlone)}. If images lie there too, add these buckets.`,
        ])
      : '';
  if (names.length === 0)
    return (
      commented(
        { imageBuckets: { names: ['example-images'] } },
        'No step reads images from a bucket that is known before a run.',
      ) + more
    );
  const rules: Noted<'ground-truth'>[] = hasGroundTruth
    ? [{ value: 'ground-truth', notes: ['the rule of Ground Truth, for labelling'] }]
    : [];
  return (
    section(
      'The buckets that images are read from.',
      { imageBuckets: { names: values(names), ...(rules.length > 0 && { extraRules: values(rules) }) } },
      [
        ['imageBuckets', 'names', names],
        ['imageBuckets', 'extraRules', rules],
      ],
    ) + more
  );
};

const sharesSection = ({ entries, leftOut }: FoundShares): string[] => {
  const left = comment(leftOut.map((each) => `Left out, as nothing shows that this is meant: ${each}.`));
  const about = 'Whom AWS RAM may share pipelines with, to read, start, stop and retry them.';
  if (entries.length > 0)
    return [section(about, { sharedWith: values(entries) }, [['sharedWith', entries]]) + left];
  return leftOut.length > 0 ? [comment([about]) + left] : [];
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

const few = (texts: readonly string[]): string[] =>
  texts.length > MAX_UNCLEAR
    ? [...texts.slice(0, MAX_UNCLEAR), `and ${texts.length - MAX_UNCLEAR} more`]
    : [...texts];
