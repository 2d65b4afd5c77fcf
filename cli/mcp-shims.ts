/**
 * What the build uses in place of the SDK’s own module of this kind (`scripts/build.ts`), which contains Ajv. Ajv would check answers to
 * questions that a server puts to its client; ours puts none, and its inputs are checked by zod.
 */
export class DefaultJsonSchemaValidator {}

export { default as process } from 'node:process';
