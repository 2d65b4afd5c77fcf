import { visibleText } from '../text/visible-text.ts';
import { arnOf } from './addresses.ts';
import type { DeclaredProblem, DeclaredResource } from './declared.ts';

/** What two resources declare: AWS has one of them, or refuses the second one. */
export const doubled = (resources: readonly DeclaredResource[]): DeclaredProblem[] => {
  const first = new Map<string, DeclaredResource>();
  return resources.flatMap((resource) => {
    const name = nameOf(resource);
    const other = name === undefined ? undefined : first.get(name);
    if (name !== undefined && !other) first.set(name, resource);
    return other
      ? {
          ...resource.origin,
          message: `${visibleText(resource.address)} declares ${visibleText(name ?? '')}, as ${visibleText(other.address)} does; audit templates that are not deployed side by side one after the other`,
        }
      : [];
  });
};

const nameOf = (resource: DeclaredResource): string | undefined =>
  resource.type === 'bucket-policy' || resource.type === 'bucket-cors'
    ? `the ${resource.type} of ${resource.bucket}`
    : arnOf(resource);
