import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

/** A regular expression in the sources. `source` is undefined if the expression is put together at run time. */
export type WrittenExpression = { file: string; source: string | undefined; flags: string };

/** Every regular expression in these files: literals, and arguments of `RegExp`. */
export const expressionsIn = (root: string, patterns: readonly string[]): WrittenExpression[] =>
  globSync([...patterns], { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const found: WrittenExpression[] = [];
    const pending: unknown[] = [parseSync(text, { syntax: 'typescript', tsx: file.endsWith('x') })];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (typeof node !== 'object' || node === null) continue;
      const { type, pattern, flags, callee, arguments: args } = node as Node;
      if (type === 'RegExpLiteral') found.push({ file, source: pattern ?? '', flags: flags ?? '' });
      if ((type === 'NewExpression' || type === 'CallExpression') && callee?.value === 'RegExp')
        found.push({ file, source: textOf(args?.[0]), flags: textOf(args?.[1]) ?? '' });
      pending.push(...Object.values(node));
    }
    return found;
  });

type Argument = { expression: { type: string; value?: unknown } };

/** The part of an SWC syntax node that is used here. */
type Node = {
  type?: string;
  pattern?: string;
  flags?: string;
  callee?: { value?: string };
  arguments?: Argument[];
};

const textOf = (argument: Argument | undefined): string | undefined =>
  argument?.expression.type === 'StringLiteral' ? String(argument.expression.value) : undefined;
