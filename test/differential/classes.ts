import { SERVICES_WITH_RCPS } from '../../shared/iam/decide/rcp-services.ts';
import type { Json } from '../../shared/json/json.ts';
import type { Case } from './generate.ts';

/** Replaces a text in all policies of a case. */
const rewritten = (one: Case, pattern: RegExp, text: string): Case => {
  const replace = <Value extends Json | undefined>(document: Value): Value =>
    document === undefined ? document : JSON.parse(JSON.stringify(document).replaceAll(pattern, text));
  return {
    ...one,
    identity: one.identity.map(replace),
    scps: one.scps.map(replace),
    rcps: one.rcps.map(replace),
    ...(one.boundary !== undefined && { boundary: replace(one.boundary) }),
    ...(one.session !== undefined && { session: replace(one.session) }),
    ...(one.resourcePolicy !== undefined && { resourcePolicy: replace(one.resourcePolicy) }),
    ...(one.endpoint !== undefined && { endpoint: replace(one.endpoint) }),
  };
};

/**
 * The known classes of disagreement, by their headings in docs/iam-differences.md. A case belongs to a class if both
 * sides agree once the class's cause is removed from it.
 */
export const CLASSES: Readonly<Record<string, (one: Case) => Case>> = {
  'A wildcard for the type in a SageMaker ARN': (one) =>
    rewritten(one, /(:sagemaker:[^"]*?):\*\//g, `$1:${/:([a-z-]+)\//.exec(one.resource)?.[1] ?? 'x'}/`),
  'Policy variables in a document of Version 2008-10-17': (one) =>
    rewritten(one, /"2008-10-17"/g, '"2012-10-17"'),
  'Resource control policies and services without them': (one) =>
    SERVICES_WITH_RCPS.has(one.action.slice(0, one.action.indexOf(':'))) ? one : { ...one, rcps: [] },
  'Resource control policies and a resource of another account': (one) =>
    one.principal.includes(`::${one.resourceAccount}:`) ? one : { ...one, rcps: [] },
  'What a session is granted beyond its session policy': ({ session: _, ...one }) => one,
  'IfExists with ForAnyValue': (one) => rewritten(one, /"(ForAnyValue:\w+?)IfExists"/g, '"$1"'),
  'NotIpAddress between IPv4 and IPv6': (one) =>
    String(one.context['aws:SourceIp']).includes(':')
      ? { ...one, context: { ...one.context, 'aws:SourceIp': '192.0.2.1' } }
      : one,
  'NotResource with a variable that the request does not carry': (one) => ({
    ...one,
    context: { 'aws:PrincipalTag/team': 'other', ...one.context },
  }),
  'A session in Principal while only the role is known': (one) =>
    one.principal.includes(':assumed-role/')
      ? one
      : rewritten(one, /assumed-role\/data/g, 'assumed-role/other'),
};
