import { dirname, relative, resolve, sep } from 'node:path';

/**
 * The comment by which editors with the YAML language server complete and check a configuration. It names the schema by a
 * path from the file, so there is none where the command is installed elsewhere than in a folder above the file: the
 * path would lead nowhere on another machine.
 * https://github.com/redhat-developer/yaml-language-server#using-inlined-schema
 */
export const schemaLine = (file: string, schema: string): string => {
  const folder = dirname(resolve(file));
  const project = projectOf(schema);
  const isInProject = project !== undefined && `${folder}${sep}`.startsWith(`${project}${sep}`);
  if (!isInProject) return '';
  const path = relative(folder, schema).split(sep).join('/');
  return /^[\x21-\x7e]+$/.test(path) ? `# yaml-language-server: $schema=${path}\n` : '';
};

/** The folder whose node_modules hold the command; undefined where none do. */
const projectOf = (schema: string): string | undefined => {
  const at = schema.indexOf(`${sep}node_modules${sep}`);
  return at < 0 ? undefined : schema.slice(0, at);
};
