import { JOB_KINDS } from '../definition/job-kinds.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { DeclaredResource } from './declared.ts';

/** The addresses of declared resources by their ARNs in lower case. */
export const addressesOf = (resources: readonly DeclaredResource[]): ReadonlyMap<string, string> =>
  new Map(
    resources.flatMap((resource): [string, string][] => {
      const arn = arnOf(resource);
      return arn === undefined ? [] : [[arn.toLowerCase(), resource.address]];
    }),
  );

/** The ARN of a declared resource as findings name it; undefined for what findings are not about. */
export const arnOf = (resource: DeclaredResource): string | undefined => {
  switch (resource.type) {
    case 'role':
    case 'user':
    case 'group':
    case 'managed-policy':
      return resource.arn;
    case 'pipeline':
      return sagemakerArn(resource.scope, `pipeline/${resource.name}`);
    case 'job':
      return sagemakerArn(resource.scope, `${JOB_KINDS[resource.kind].arnType}/${resource.name}`);
    case 'bucket':
      return `arn:${resource.scope.partition}:s3:::${resource.name}`;
    case 'bucket-cors':
    case 'bucket-policy':
    case 'key':
    case 'attached-policy':
    case 'membership':
    case 'exclusive':
      return undefined;
  }
};
