import { readTemplates, type TemplateInput } from '../shared/declared/cloudformation/read-templates.ts';
import type { Declare } from '../shared/declared/declared.ts';
import { readPlan } from '../shared/declared/terraform/read-plan.ts';
import type { DeclaredOptions } from './audit-declared.ts';
import { UsageError } from './errors.ts';
import { readPlanFile } from './plan-files.ts';
import { readTemplateFiles } from './template-files.ts';

/**
 * Reads templates, or a plan.
 * @throws {UsageError} if one of them cannot be read.
 */
export const readDeclared = async ({ template, plan }: DeclaredOptions): Promise<Declare> => {
  if (template === undefined && plan !== undefined) return declaredByPlan(plan);
  return declaredByTemplates(await readTemplateFiles(template ?? []));
};

export const declaredByTemplates = (inputs: readonly TemplateInput[]): Declare => {
  const { declare, problems } = readTemplates(inputs);
  return (fill) => {
    const declared = declare(fill);
    return { ...declared, problems: [...problems, ...declared.problems] };
  };
};

/**
 * Reads a plan; of the sources beside it, those in the folder `within`, or in the plan’s own Git repository.
 * @throws {UsageError} if it cannot be read.
 */
export const declaredByPlan = async (path: string, within?: string): Promise<Declare> => {
  const read = await readPlan(await readPlanFile(path, within));
  if (!read.ok) throw new UsageError(read.message);
  return read.value;
};
