import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  CfnElement,
  IPolicyValidationContext,
  PolicyValidationPluginReport,
  PolicyViolatingResource,
  PolicyViolation,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Log, Result } from 'sarif';
import { type Finding, severityRank } from '../shared/domain/finding.ts';
import { groupBy } from '../shared/group-by.ts';
import { asText, isObject, type Json, member, pointerToken } from '../shared/json/json.ts';
import { jsonRanges } from '../shared/json/json-ranges.ts';
import { parseJson } from '../shared/json/json-text.ts';
import { isCalendarDate } from '../shared/text/calendar-date.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { VERSION } from '../shared/version.ts';
import type { pipewarden as Pipewarden, PipewardenOptions } from './cdk-types.d.cts';

const NAME = 'Pipewarden';

/** The bounds of one audit: ten minutes, and the bytes of its results. */
const MAX_MILLIS = 600_000;
const MAX_BYTES = 256 * 1024 * 1024;

/** The metadata under which the CDK keeps acknowledgements: `Validations.ACKNOWLEDGED_RULES_METADATA_KEY`. */
const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

export const pipewarden: typeof Pipewarden = (options = {}) => ({
  name: NAME,
  version: VERSION,
  validate: (context) => reportOf(audited(context, options), context, options),
});

/**
 * The results of the command on the cloud assemblies, whose manifests tell accounts, Regions, nested stacks and assets.
 * @throws {Error} if the command fails, which the CDK reports as a failure of the plug-in.
 */
const audited = (
  { templatePaths }: IPolicyValidationContext,
  { config, snapshot }: PipewardenOptions,
): Log => {
  const args = [
    join(import.meta.dirname, 'pipewarden.mjs'),
    ...['audit', '--template', ...new Set(templatePaths.map((path) => dirname(resolve(path))))],
    ...['--format', 'sarif', '--fail-on', 'none', '--unread', 'ok', '--quiet', '--no-color'],
    ...(config === undefined ? [] : ['--config', resolve(config)]),
    ...(snapshot === undefined ? [] : ['--snapshot', resolve(snapshot)]),
  ];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: MAX_MILLIS,
    maxBuffer: MAX_BYTES,
  });
  if (error) throw new Error(`pipewarden could not be run: ${error.message}`);
  if (status !== 0) throw new Error(stderr.trim().slice(-MAX_TEXT) || `pipewarden ended with ${status}`);
  return JSON.parse(stdout) as Log;
};

/** The most characters of a text in the report. */
const MAX_TEXT = 2000;

const shown = (text: string): string => {
  const visible = visibleText(text);
  return visible.length > MAX_TEXT ? `${visible.slice(0, MAX_TEXT)}…` : visible;
};

/** What a result of the SARIF tells of its finding. */
type Told = Pick<Finding, 'status' | 'severity' | 'resource' | 'evidence' | 'remediation'>;

const reportOf = (
  { runs }: Log,
  context: IPolicyValidationContext,
  options: PipewardenOptions,
): PolicyValidationPluginReport => {
  const results = runs.flatMap((run) =>
    (run.results ?? []).map((result) => ({
      result,
      told: result.properties as Told,
      title: run.tool.driver.rules?.[result.ruleIndex ?? -1]?.shortDescription?.text ?? '',
    })),
  );
  const open = results.filter(({ result }) => (result.suppressions ?? []).length === 0);
  const resourcesOf = resourcesIn(context);
  const acknowledgedAt = acknowledgements(context.appConstruct);
  const violations = open.flatMap(({ result, told, title }) => {
    const control = result.ruleId ?? '';
    const named = resourcesOf(result).map(({ path, ...resource }) => {
      const fault = faultOf(acknowledgedAt(`${NAME}::${control}`, path));
      return { resource, rule: fault === undefined ? control : `${control}/${fault}` };
    });
    return [...groupBy(named, ({ rule }) => rule)].map(
      ([ruleName, of]): PolicyViolation => ({
        ruleName,
        description: descriptionOf(told, title),
        violatingResources: of.map(({ resource }) => resource),
        fix: shown(told.remediation.text),
        severity: levelOf(told, options, ruleName !== control),
        ruleMetadata: {
          control,
          status: told.status,
          severity: told.severity,
          resource: shown(told.resource.arn),
        },
      }),
    );
  });
  return {
    success: violations.every(({ severity }) => severity !== 'error' && severity !== 'fatal'),
    violations,
    metadata: {
      notJudged: String(open.filter(({ told }) => told.status === 'NOT_AVAILABLE').length),
      suppressed: String(results.length - open.length),
    },
  };
};

const descriptionOf = ({ status, evidence }: Told, title: string): string => {
  const [first] = evidence;
  const start = `${status === 'NOT_AVAILABLE' ? 'could not be judged: ' : ''}${title}`;
  if (!first) return shown(start);
  const more = evidence.length > 1 ? ` (and ${evidence.length - 1} more)` : '';
  return shown(`${start} Found ${first.found} at ${first.at}; expected ${first.expected}${more}.`);
};

/**
 * The level by which the CDK tells failures: once an acknowledgement holds in a report, it takes the report for failed by `error` and `fatal`
 * alone. What is `fatal` nobody can acknowledge, and the CDK offers no other acknowledgement for it.
 */
const levelOf = (
  { status, severity }: Told,
  { failOn = 'high', unread = 'ok' }: PipewardenOptions,
  isFaultyAcknowledged: boolean,
): 'fatal' | 'error' | 'warning' | 'info' => {
  const isUnknown = status === 'NOT_AVAILABLE';
  const isFailing = isUnknown
    ? unread === 'fail'
    : failOn !== 'none' && severityRank(severity) >= severityRank(upperCase(failOn));
  if (isFailing) return isFaultyAcknowledged ? 'fatal' : 'error';
  return isUnknown ? 'info' : 'warning';
};

const upperCase = <Text extends string>(text: Text): Uppercase<Text> => text.toUpperCase() as Uppercase<Text>;

/** What is violating, and the path of its construct. */
type Violating = PolicyViolatingResource & { path: string };

/** A function that tells which resources of templates a result is about. What stands in none of them is of the whole app. */
const resourcesIn = ({
  appConstruct,
  stackTemplates,
}: IPolicyValidationContext): ((result: Result) => Violating[]) => {
  const pathOf = constructPaths(appConstruct);
  const resourceAt = templateReader();
  return ({ locations = [] }) => {
    const found = new Map<string, Violating>();
    for (const { physicalLocation } of locations) {
      const uri = physicalLocation?.artifactLocation?.uri ?? '';
      if (!uri.startsWith('file:')) continue;
      const templatePath = fileURLToPath(uri);
      const { startLine = 1, startColumn = 1 } = physicalLocation?.region ?? {};
      const at = resourceAt(templatePath, startLine, startColumn);
      const stack = stackTemplates.find((each) => resolve(each.templatePath) === templatePath);
      if (at === undefined && stack === undefined) continue;
      const key = JSON.stringify([templatePath, at?.id]);
      const locations = [...(found.get(key)?.locations ?? []), ...(at?.location ?? [])];
      found.set(key, {
        templatePath,
        locations: [...new Set(locations)],
        ...(at === undefined
          ? { constructPath: stack?.stackConstructPath ?? '', path: stack?.stackConstructPath ?? '' }
          : { resourceLogicalId: at.id, path: pathOf(templatePath, at.id) }),
      });
    }
    const { path } = appConstruct.node;
    return found.size > 0 ? [...found.values()] : [{ constructPath: path, path, locations: [] }];
  };
};

const isElement = (construct: IConstruct): construct is CfnElement =>
  'logicalId' in construct && 'stack' in construct;

/** The paths of constructs, by the names of their templates and their logical ids. */
const constructPaths = (app: IConstruct): ((templatePath: string, id: string) => string) => {
  const paths = new Map(
    app.node.findAll().flatMap((construct): [string, string][] => {
      if (!isElement(construct)) return [];
      const { stack, logicalId, node } = construct;
      return [[JSON.stringify([basename(stack.templateFile), stack.resolve(logicalId)]), node.path]];
    }),
  );
  return (templatePath, id) => paths.get(JSON.stringify([basename(templatePath), id])) ?? '';
};

/** A resource of a template, and what in it stands at a place: `Properties.RoleName`. */
type ResourceAt = { id: string; location: string[] };

/** Where a template’s resources and their properties begin, in the order of the text. */
type Beginnings = { lines: readonly number[]; all: readonly { start: number; at: ResourceAt }[] };

const templateReader = (): ((path: string, line: number, column: number) => ResourceAt | undefined) => {
  const read = new Map<string, Beginnings>();
  return (path, line, column) => {
    const { lines, all } = read.get(path) ?? beginningsIn(readFileSync(path, 'utf8'));
    read.set(path, { lines, all });
    const offset = (lines[line - 1] ?? 0) + column - 1;
    return all.findLast(({ start }) => start <= offset)?.at;
  };
};

const beginningsIn = (text: string): Beginnings => {
  const parsed = parseJson(text);
  const resources = member(parsed.ok ? parsed.value : null, 'Resources');
  const wanted = new Map(entriesOf(resources).flatMap(([id, resource]) => pointersOf(id, resource)));
  const all = [...jsonRanges(text, wanted.keys())].flatMap(([pointer, { start }]) => {
    const at = wanted.get(pointer);
    return at ? [{ start, at }] : [];
  });
  const lines = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return { lines, all: all.toSorted((one, other) => one.start - other.start) };
};

const pointersOf = (id: string, resource: Json): [string, ResourceAt][] => {
  const pointer = `/Resources/${pointerToken(id)}`;
  return [
    [pointer, { id, location: [] }],
    ...entriesOf(member(resource, 'Properties')).map(([name]): [string, ResourceAt] => [
      `${pointer}/Properties/${pointerToken(name)}`,
      { id, location: [`Properties.${name}`] },
    ]),
  ];
};

const entriesOf = (value: Json | undefined): [string, Json][] =>
  isObject(value) ? Object.entries(value) : [];

/** A function that tells the reason of the acknowledgement that the CDK goes by: that of the nearest construct. */
const acknowledgements = (app: IConstruct): ((id: string, path: string) => string | undefined) => {
  const reasons = new Map<string, string>();
  for (const { node } of app.node.findAll())
    for (const { type, data } of node.metadata)
      if (type === ACKNOWLEDGED)
        for (const [id, reason] of entriesOf(data as Json))
          reasons.set(keyOf(id, node.path), asText(reason) ?? '');
  return (id, path) => {
    for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf('/'), 0))) {
      const reason = reasons.get(keyOf(id, at));
      if (reason !== undefined || at === '') return reason;
    }
  };
};

const keyOf = (id: string, path: string): string => JSON.stringify([id, path]);

/**
 * Why an acknowledgement does not count: it tells no last day with a reason, or the day is over. The name of the rule then ends
 * with this, so that the CDK does not find the acknowledgement and everybody sees why.
 */
const faultOf = (reason: string | undefined): string | undefined => {
  if (reason === undefined) return undefined;
  const [, until = ''] = /^until (\d{4}-\d{2}-\d{2}): *\S/.exec(reason) ?? [];
  if (!isCalendarDate(until)) return 'acknowledgement-without-until-YYYY-MM-DD';
  return until < new Date().toISOString().slice(0, 10) ? `acknowledgement-expired-${until}` : undefined;
};
