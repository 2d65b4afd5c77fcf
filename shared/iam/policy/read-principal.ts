import { isObject, type Json, member } from '../../json/json.ts';
import { withArticle } from '../../text/with-article.ts';
import { type PolicyKind, type PrincipalElement, type PrincipalType, textPointer } from './policy.ts';
import { quoted, type ReportProblem, readTexts, reportUnknownMembers, typeName } from './policy-report.ts';

const TYPES: readonly PrincipalType[] = ['AWS', 'Service', 'Federated', 'CanonicalUser'];

/**
 * In these policies each statement must name a principal. In all others, statements apply to whoever the policy is
 * attached to.
 */
const WITH_PRINCIPAL: readonly PolicyKind[] = ['resource', 'trust', 'rcp'];

/** A principal of type AWS: an account id, an ARN, or the unique id that is left of a deleted user or role. */
const AWS_PRINCIPAL = /^(\d{12}|arn:[^*?]+|A[A-Z0-9]{15,127})$/;

/**
 * Reads the Principal or NotPrincipal element of a statement.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export const readPrincipals = (
  statement: { value: Json | undefined; isNot: boolean; pointer: string; kind: PolicyKind },
  report: ReportProblem,
): PrincipalElement | undefined => {
  const { value, isNot, pointer, kind } = statement;
  const place = `${pointer}/${isNot ? 'NotPrincipal' : 'Principal'}`;
  const isWanted = WITH_PRINCIPAL.includes(kind);
  if (value === undefined) {
    if (isWanted)
      report('missing-element', pointer, `${withArticle(kind)} policy needs a Principal in each statement`);
    return undefined;
  }
  if (!isWanted && kind !== 'endpoint') {
    report(
      'unexpected-principal',
      place,
      `a policy of kind ${kind} applies to whoever it is attached to: remove Principal`,
    );
    return undefined;
  }
  if (value === '*') return { isNot, principals: [{ type: 'AWS', value: '*', pointer: place }] };
  if (!isObject(value)) {
    report('malformed-principal', place, `Principal must be "*" or an object, and is ${typeName(value)}`);
    return undefined;
  }
  reportUnknownMembers(value, TYPES, place, report);
  const principals = TYPES.flatMap((type) => readType(type, member(value, type), `${place}/${type}`, report));
  if (principals.length === 0) report('empty-element', place, 'it names no principal');
  return { isNot, principals };
};

const readType = (
  type: PrincipalType,
  value: Json | undefined,
  pointer: string,
  report: ReportProblem,
): PrincipalElement['principals'] => {
  const element = value === undefined ? undefined : readTexts(value, pointer, report);
  if (!element) return [];
  return element.texts.map((text, index) => {
    const place = textPointer(element, index);
    if (type === 'AWS' && text !== '*' && !AWS_PRINCIPAL.test(text)) {
      const advice = 'write an account id, the ARN of a user, role or session without wildcards, or "*"';
      report('malformed-principal', place, `${quoted(text)} is not a principal; ${advice}`);
    }
    return { type, value: text, pointer: place };
  });
};
