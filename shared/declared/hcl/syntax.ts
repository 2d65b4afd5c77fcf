import type { Note, Origin, SourceFile } from '../declared.ts';

/** A binary operator of HCL. https://developer.hashicorp.com/terraform/language/expressions/operators */
export type Operator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '&&' | '||';

/** A part of a template: literal text, an interpolation, or a directive. */
export type TemplatePart =
  | string
  | Expression
  | {
      kind: 'if';
      condition: Expression;
      whenTrue: readonly TemplatePart[];
      whenFalse: readonly TemplatePart[];
    }
  | { kind: 'each'; key?: string; value: string; of: Expression; parts: readonly TemplatePart[] };

type ExpressionOf<Kind extends string, Fields> = { kind: Kind; origin: Origin } & Fields;

/** An expression. `origin` is its own place or that of the nearest thing around it that has a name. */
export type Expression =
  | ExpressionOf<'literal', { value: string | number | boolean | null }>
  | ExpressionOf<'template', { parts: readonly TemplatePart[] }>
  | ExpressionOf<'object', { entries: readonly (readonly [key: Expression, value: Expression])[] }>
  | ExpressionOf<'tuple', { items: readonly Expression[] }>
  | ExpressionOf<
      'for',
      {
        key?: string;
        value: string;
        of: Expression;
        /** Missing where a list is made. */
        name?: Expression;
        result: Expression;
        condition?: Expression;
        isGrouped: boolean;
      }
    >
  /** `own` is the place of the call itself. */
  | ExpressionOf<
      'call',
      { own: Origin; name: string; parameters: readonly Expression[]; isExpanded: boolean }
    >
  | ExpressionOf<'conditional', { condition: Expression; whenTrue: Expression; whenFalse: Expression }>
  | ExpressionOf<'binary', { operator: Operator; left: Expression; right: Expression }>
  | ExpressionOf<'unary', { operator: '-' | '!'; operand: Expression }>
  | ExpressionOf<'name', { name: string }>
  | ExpressionOf<'attribute', { of: Expression; name: string }>
  | ExpressionOf<'index', { of: Expression; key: Expression }>
  /** `each` is evaluated for each element, which it knows by the name `SPLAT`. */
  | ExpressionOf<'splat', { of: Expression; each: Expression }>
  /** What was not understood; the reason. */
  | ExpressionOf<'broken', { why: string }>;

/** The name of the element in a splat. No identifier can be like it. */
export const SPLAT = '*';

export type Body = { attributes: ReadonlyMap<string, Expression>; blocks: readonly Block[] };
export type Block = { type: string; labels: readonly string[]; body: Body; origin: Origin };

/** A file of HCL. What could not be parsed is in `problems`, and the rest is there. */
export type HclFile = {
  source: SourceFile;
  body: Body;
  /** The comments that hold the mark which was asked for. `on`: the outermost block that each stands in, or directly above. */
  notes: readonly (Note & { on?: Block })[];
  problems: readonly (Origin & { message: string })[];
};
