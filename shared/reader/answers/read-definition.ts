import { type Definition, parseDefinition } from '../../definition/parse.ts';
import { found, notRead, type Read } from '../read-result.ts';

/** The parsed definition; a gap with line and column where the text cannot be parsed. */
export const readDefinition = (text: string): Read<Definition> => {
  const parsed = parseDefinition(text);
  if (parsed.ok) return found(parsed.definition);
  const { line, column, message } = parsed.error;
  return notRead(`PipelineDefinition, line ${line}, column ${column}`, 'Unreadable', message);
};
