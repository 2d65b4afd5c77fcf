import { type JobKindId, jobKind } from '../../definition/job-kinds.ts';
import { rolesOfJob } from '../../definition/job-roles.ts';
import { sagemakerArn } from '../../domain/arn.ts';
import type { Scope } from '../../domain/scope.ts';
import { asText, isObject, type Json, memberAnyCase } from '../../json/json.ts';
import { found, notRead, type Read } from '../read-result.ts';
import type { JobDescription, PipelineFact } from '../reader.ts';

/** The code for an answer or file that lacks something that AWS always gives. Nothing can be concluded from it. */
export const INCOMPLETE = 'Incomplete';

/**
 * A pipeline from the output of DescribePipeline. The definition may be an object, as people write it in snapshots by
 * hand. `call` is the call that a gap names.
 */
export const pipelineFact = (
  source: unknown,
  call: string,
  scope: Scope,
  nameAsked: string,
): Read<PipelineFact> => {
  const name = textMember(source, 'PipelineName') ?? nameAsked;
  const arn = textMember(source, 'PipelineArn') ?? sagemakerArn(scope, `pipeline/${name}`);
  const roleArn = textMember(source, 'RoleArn');
  const definitionText = definitionTextOf(memberAnyCase(source, 'PipelineDefinition'));
  if (roleArn === undefined) return notRead(call, INCOMPLETE, `it holds no RoleArn of the pipeline ${name}`);
  if (definitionText === undefined) {
    return notRead(call, INCOMPLETE, `it holds no PipelineDefinition of the pipeline ${name}`);
  }
  const modifiedAt = isoTime(memberAnyCase(source, 'LastModifiedTime'));
  return found({ name, arn, roleArn, definitionText, ...(modifiedAt === undefined ? {} : { modifiedAt }) });
};

/** An object that is nested so deeply that the stack overflows cannot come from AWS, whose definitions are texts. */
const definitionTextOf = (definition: Json | undefined): string | undefined => {
  if (typeof definition === 'string') return definition === '' ? undefined : definition;
  if (!isObject(definition)) return undefined;
  try {
    return JSON.stringify(definition);
  } catch {
    return undefined;
  }
};

/**
 * A job from the output of its Describe call. `call` is the call that a gap names, and `nameAsked` is used where the output
 * does not name the job.
 */
export const describedJob = (
  kind: JobKindId,
  source: unknown,
  call: string,
  asked: { scope: Scope; nameAsked: string },
): Read<JobDescription> => {
  const { scope, nameAsked } = asked;
  const { nameField, arnField, arnType } = jobKind(kind);
  const name = textMember(source, nameField) ?? nameAsked;
  const roleArns = rolesOfJob(kind, source);
  if (roleArns === undefined) return notRead(call, INCOMPLETE, `it holds no role of the ${kind} ${name}`);
  const createdAt = isoTime(memberAnyCase(source, 'CreationTime') ?? memberAnyCase(source, 'CreatedAt'));
  const tuningJobArn = textMember(source, 'TuningJobArn');
  return found({
    kind,
    name,
    arn: textMember(source, arnField) ?? sagemakerArn(scope, `${arnType}/${name}`),
    roleArns,
    ...(tuningJobArn === undefined ? {} : { tuningJobArn }),
    ...(createdAt === undefined ? {} : { createdAt }),
  });
};

const textMember = (source: unknown, name: string): string | undefined =>
  asText(memberAnyCase(source, name)) || undefined;

/** A time as ISO 8601 in UTC, from a Date (SDK), ISO 8601 with any offset (CLI), or seconds since 1970 (older CLI). */
export const isoTime = (value: unknown): string | undefined => {
  const time =
    value instanceof Date
      ? value.getTime()
      : typeof value === 'number'
        ? value * 1000
        : typeof value === 'string'
          ? Date.parse(value)
          : Number.NaN;
  return Math.abs(time) <= MAX_TIME ? new Date(time).toISOString() : undefined;
};

/** The latest time that a Date can hold, in milliseconds since 1970. */
const MAX_TIME = 8.64e15;
