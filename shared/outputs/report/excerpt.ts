import { type Step, stepPointer } from '../../definition/parse.ts';
import type { Policy, PrincipalElement, Statement, TextElement } from '../../iam/policy/policy.ts';
import { isObject, type Json } from '../../json/json.ts';
import { cut } from '../../text/cut.ts';
import type { Sources } from './sources.ts';

/** A line of an excerpt. The marked line is what the evidence is about. */
export type ExcerptLine = { text: string; isMarked: boolean };

const MOST_AROUND = 5;
const LONGEST_LINE = 160;

/** The lines around the place that evidence names; undefined where the document was not read. */
export const excerptAt = (at: string, resourceArn: string, sources: Sources): ExcerptLine[] | undefined => {
  const start = at.search(/\/(Steps|Statement)(\/|$)/);
  if (start < 0) return undefined;
  const pointer = at.slice(start);
  if (pointer.startsWith('/Steps')) {
    const [pipelineArn = ''] = resourceArn.toLowerCase().split('/execution/');
    const step = stepAt(pointer, sources.pipelines.get(pipelineArn)?.definition.steps ?? []);
    return step && excerpt(step.raw, tokensOf(pointer.slice(stepPointer(step).length)));
  }
  const policy = sources.policies.get(at.slice(0, start));
  const statement = policy && statementAt(pointer, policy);
  return statement && excerpt(asJson(statement), tokensOf(pointer.slice(statement.pointer.length)));
};

/** The innermost step that contains the pointer’s place. */
const stepAt = (pointer: string, steps: readonly Step[]): Step | undefined =>
  steps.findLast((step) => {
    const own = stepPointer(step);
    return pointer === own || pointer.startsWith(`${own}/`);
  });

const statementAt = (pointer: string, { statements }: Policy): Statement | undefined =>
  statements.find(
    (statement) => pointer === statement.pointer || pointer.startsWith(`${statement.pointer}/`),
  );

const tokensOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The statement as JSON. It is built anew, as policies are kept in parsed form and not as text. */
const asJson = ({ sid, effect, actions, resources, principals, conditions }: Statement): Json => ({
  ...(sid === undefined ? {} : { Sid: sid }),
  Effect: effect,
  ...(principals ? { [principals.isNot ? 'NotPrincipal' : 'Principal']: principalJson(principals) } : {}),
  [actions.isNot ? 'NotAction' : 'Action']: textJson(actions),
  ...(resources ? { [resources.isNot ? 'NotResource' : 'Resource']: textJson(resources) } : {}),
  ...(conditions.length > 0 ? { Condition: conditionJson(conditions) } : {}),
});

const textJson = ({ texts, isList }: TextElement): Json => (isList ? [...texts] : (texts[0] ?? ''));

const principalJson = ({ principals }: PrincipalElement): Json => {
  const byType: Record<string, Json> = {};
  for (const { type } of principals) {
    const values = principals.filter((each) => each.type === type).map(({ value }) => value);
    byType[type] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return byType;
};

const conditionJson = (conditions: Statement['conditions']): Json => {
  const byOperator: Record<string, Record<string, Json>> = {};
  for (const condition of conditions)
    byOperator[condition.operator] = {
      ...byOperator[condition.operator],
      [condition.key]: textJson(condition),
    };
  return byOperator;
};

/** The value along the path to a place. Values beside the path are shortened, and a missing field is reported. */
const excerpt = (value: Json, way: readonly string[], indent = ''): ExcerptLine[] => {
  const [token, ...rest] = way;
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const inner = `${indent}  `;
  const label = (key: string) => (Array.isArray(value) ? '' : `${JSON.stringify(key)}: `);
  const lines: ExcerptLine[] = entries.flatMap(([key, member], index): ExcerptLine[] => {
    const end = index < entries.length - 1 ? ',' : '';
    if (key === token && rest.length > 0 && isNested(member)) {
      const [first, ...more] = excerpt(member, rest, inner);
      const last = more.pop();
      return [
        { text: `${inner}${label(key)}${first?.text.trim() ?? ''}`, isMarked: false },
        ...more,
        ...(last ? [{ ...last, text: `${last.text}${end}` }] : []),
      ];
    }
    return [{ text: `${inner}${label(key)}${brief(member)}${end}`, isMarked: key === token }];
  });
  const isMissing = token !== undefined && !entries.some(([key]) => key === token);
  if (isMissing) lines.push({ text: `${inner}${JSON.stringify(token)} is missing`, isMarked: true });
  const isWhole = way.length === 0;
  return [
    { text: `${indent}${open}`, isMarked: isWhole },
    ...around(isWhole ? lines.map((line) => ({ ...line, isMarked: true })) : lines, inner),
    { text: `${indent}${close}`, isMarked: isWhole },
  ];
};

const isNested = (value: Json): boolean => Array.isArray(value) || isObject(value);

const brief = (value: Json): string => {
  const text = isNested(value)
    ? JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ')
    : JSON.stringify(value);
  return cut(text, LONGEST_LINE);
};

/** The lines near the marked ones; the first lines where none is marked. */
const around = (lines: readonly ExcerptLine[], indent: string): ExcerptLine[] => {
  const first = Math.max(
    0,
    lines.findIndex(({ isMarked }) => isMarked),
  );
  const last = Math.max(
    first,
    lines.findLastIndex(({ isMarked }) => isMarked),
  );
  const [from, to] = [Math.max(0, first - MOST_AROUND), last + MOST_AROUND + 1];
  const gap: ExcerptLine = { text: `${indent}…`, isMarked: false };
  return [...(from > 0 ? [gap] : []), ...lines.slice(from, to), ...(to < lines.length ? [gap] : [])];
};
