/** What reads the sources of a Terraform plan, in WebAssembly, by the names under which the command loads it. */
export const GRAMMAR = {
  'web-tree-sitter.wasm': 'node_modules/web-tree-sitter/web-tree-sitter.wasm',
  'tree-sitter-hcl.wasm': 'node_modules/@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm',
};
