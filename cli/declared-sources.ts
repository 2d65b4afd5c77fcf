import { readTemplates } from '../shared/declared/cloudformation/read-templates.ts';
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
  const { declare, problems } = readTemplates(await readTemplateFiles(template ?? []));
  return (fill) => {
    const declared = declare(fill);
    return { ...declared, problems: [...problems, ...declared.problems] };
  };
};

const declaredByPlan = async (path: string): Promise<Declare> => {
  const read = await readPlan(await readPlanFile(path));
  if (!read.ok) throw new UsageError(read.message);
  return read.value;
};
