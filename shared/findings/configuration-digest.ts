import { createHash } from 'node:crypto';
import type { Config } from '../config/schema.ts';

const known = new WeakMap<Config, string>();

/**
 * A short text that is the same for configurations that tell the controls the same. Alerts, suppressions, severities
 * and switched-off controls are not part of it.
 */
export const configurationDigest = (config: Config): string => {
  const digest = known.get(config) ?? digestOf(config);
  known.set(config, digest);
  return digest;
};

const digestOf = ({ prefixes, roles, imageBuckets, versionFloors, scpException }: Config): string => {
  const parts = { prefixes, roles, imageBuckets, versionFloors, scpException };
  return createHash('sha256').update(JSON.stringify(parts, sortedKeys)).digest('base64url').slice(0, 16);
};

/** Two files that differ only in the order of their keys are the same. */
const sortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value;
