import type { Definition } from '../../definition/parse.ts';
import { sagemakerArn } from '../../domain/arn.ts';
import { type Finding, severityRank } from '../../domain/finding.ts';
import { counts } from '../../findings/compare-runs.ts';
import { groupBy } from '../../group-by.ts';
import type { Policy } from '../../iam/policy/policy.ts';
import { readDefinition } from '../../reader/answers/read-definition.ts';
import type { Reader } from '../../reader/reader.ts';
import { pipelineOf } from './owners.ts';

/** A pipeline to be drawn, with its definition. */
export type PipelineSource = { name: string; roleArn?: string; definition: Definition };

/** What the page shows besides findings, where it could be read: pipelines by ARN in lower case, policies by name. */
export type Sources = {
  pipelines: ReadonlyMap<string, PipelineSource>;
  policies: ReadonlyMap<string, Policy>;
};

export const NO_SOURCES: Sources = { pipelines: new Map(), policies: new Map() };

/** Only the pipelines with the gravest findings are drawn, as a page with all pictures would be too large. */
const MOST_PIPELINES = 20;

/** Reads the definitions and policies that open findings point at. The page is complete without any of them. */
export const readSources = async (
  reader: Pick<Reader, 'scope' | 'describePipeline' | 'readIdentities'>,
  findings: readonly Finding[],
): Promise<Sources> => {
  const open = findings.filter(counts);
  const names = [...groupBy(open, (finding) => pipelineOf(finding) ?? '')]
    .filter(([name]) => name !== '')
    .toSorted(([, one], [, other]) => weight(other) - weight(one))
    .slice(0, MOST_PIPELINES)
    .map(([name]) => name);
  const pipelines = new Map<string, PipelineSource>();
  for (const name of names) {
    const pipeline = await reader.describePipeline(name);
    const definition = pipeline.ok ? readDefinition(pipeline.value.definitionText) : undefined;
    if (!pipeline.ok || !definition?.ok) continue;
    const arn = sagemakerArn(reader.scope, `pipeline/${name}`).toLowerCase();
    pipelines.set(arn, { name, roleArn: pipeline.value.roleArn, definition: definition.value });
  }
  const places = open.flatMap(({ evidence }) => evidence.map(({ at }) => at));
  return { pipelines, policies: await readPolicies(reader, places) };
};

const weight = (findings: readonly Finding[]): number =>
  findings.reduce((sum, { severity }) => sum + 4 ** severityRank(severity), 0);

/** Reads the policies of users and roles that evidence names as `<policy>/Statement/…`. */
const readPolicies = async (
  reader: Pick<Reader, 'readIdentities'>,
  places: readonly string[],
): Promise<Map<string, Policy>> => {
  const wanted = new Set(places.flatMap((at) => /^(.+?)\/Statement(\/|$)/.exec(at)?.[1] ?? []));
  const identities = wanted.size > 0 ? await reader.readIdentities() : undefined;
  const known = identities?.ok ? identities.value.identities : [];
  const policies = known.flatMap(({ policies: { identity, boundary }, trust }) => [
    ...(identity?.policies ?? []),
    ...(boundary?.policies ?? []),
    ...(trust ? [trust] : []),
  ]);
  return new Map(
    policies.filter(({ name }) => wanted.has(name)).map((policy): [string, Policy] => [policy.name, policy]),
  );
};
