/**
 * What the build uses in place of the SDK’s cache of discovered endpoints (`scripts/build.ts`). Each DynamoDB client makes
 * one, none of its calls discovers endpoints, and the cache with all that it loads is 7 KB.
 */
export class EndpointCache {}
