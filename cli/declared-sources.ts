import type { Declare } from '../shared/declared/declared.ts';
import type { DeclaredOptions } from './audit-declared.ts';

/**
 * Reads templates and plans.
 * @throws {UsageError} if one of them cannot be read.
 */
export const readDeclared = async (_options: DeclaredOptions): Promise<Declare> => {
  throw new Error('not yet');
};
