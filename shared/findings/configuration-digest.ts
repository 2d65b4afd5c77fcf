import { createHash } from 'node:crypto';
import type { Config, FileConfig } from '../config/schema.ts';
import { canonicalText } from '../json/canonical-text.ts';

const known = new WeakMap<Config, string>();

/**
 * A short text that is the same for configurations that tell the controls the same. Alerts, suppressions, severities,
 * switched-off controls and names of teams are not part of it.
 */
export const configurationDigest = (config: Config): string => {
  const digest = known.get(config) ?? digestOf(config);
  known.set(config, digest);
  return digest;
};

/** Whatever is not taken out here tells the controls something, also a key that is added one day. */
const digestOf = ({
  version: _version,
  organization: _organization,
  overrides: _overrides,
  controls: _controls,
  suppressions: _suppressions,
  alerts: _alerts,
  securityHub: _securityHub,
  sweep: _sweep,
  reports: _reports,
  finished: _finished,
  teams = [],
  ...told
}: Config): string => {
  const working = teams.flatMap(({ name: _name, resources: _resources, ...team }) =>
    Object.keys(team).length > 0 ? [team] : [],
  );
  return shortDigest({ ...told, ...(working.length > 0 && { teams: working }) });
};

/** A short text that is the same only for configurations that say the same in every part. */
export const wholeDigest = (config: FileConfig): string => shortDigest(config);

const shortDigest = (value: object): string =>
  createHash('sha256').update(canonicalText(value)).digest('base64url').slice(0, 16);
