import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Grammar, hclParser, type ParseHcl } from '../../../shared/declared/hcl/parse-hcl.ts';
import { once } from '../../../shared/memo.ts';

const bytes = (path: string): Uint8Array => readFileSync(createRequire(import.meta.url).resolve(path));

export const grammar = async (): Promise<Grammar> => ({
  engine: bytes('web-tree-sitter/web-tree-sitter.wasm'),
  language: bytes('@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm'),
});

/** The parser of HCL, made once for a file of tests. */
export const parser = once((): Promise<ParseHcl> => grammar().then(hclParser));
