import type { Evidence } from '../../../shared/domain/finding.ts';

/** An entry of the configuration. */
const ENTRY = /^(overrides\[\d+\]\.)?(prefixes|roles|versionFloors|sharedWith|imageBuckets|suppressions)[.[]/;

/** What a place of a pass can name, which an auditor can look up without the auditor of pipelines. */
const NAMED: readonly RegExp[] = [
  // A statement of a policy.
  /\/Statement(\/\d+)?$/,
  // A step or a field in it, or a field of AWS’s answer.
  /^\/Steps(\/|$)/,
  /^[A-Z][A-Za-z]+(\[\d*\])?(\.[A-Z][A-Za-z]+)?(, [A-Z][A-Za-z.[\]]+)*$/,
  ENTRY,
  // A trail, a share, a record, or the tags of a role.
  /^arn:aws:(cloudtrail|ram):/,
  /^tags of arn:/,
  /^account \d{12}, Region [a-z0-9-]+$/,
];

/** Places at which there is nothing, where that is what is right. */
const NOTHING = /^(no (statement|share|field|suppression|Region) |0 gaps)/;

/** Whether a place names a statement, field, step or entry of the configuration, or says that there is rightly none. */
export const isPlaceOfPass = ({ at, found }: Pick<Evidence, 'at' | 'found'>): boolean =>
  found !== '' && (NAMED.some((pattern) => pattern.test(at)) || NOTHING.test(found));

/** Whether a place names an entry of the configuration, or a role that needs none. */
export const isOfEntry = ({ at, found }: Pick<Evidence, 'at' | 'found'>): boolean =>
  ENTRY.test(at) || found.endsWith(', the pipeline’s own role');
