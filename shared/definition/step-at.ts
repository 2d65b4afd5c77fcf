import type { Definition } from './parse.ts';
import { stepPointer } from './parse.ts';

/** The name of the innermost step that a JSON pointer leads into; undefined for a pointer into no step. */
export const stepAt = ({ steps }: Pick<Definition, 'steps'>): ((pointer: string) => string | undefined) => {
  const names = new Map(steps.map((step) => [stepPointer(step), step.name]));
  return (pointer) => {
    for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
      const name = names.get(pointer.slice(0, end));
      if (name !== undefined) return name;
    }
    return undefined;
  };
};
