import type { Finding } from '../../domain/finding.ts';

/** Enough of a digest to tell the findings of one control apart. */
const DIGEST_LENGTH = 8;

/** The name by which `pipewarden fix` finds a finding: its control and the beginning of the digest in its id. */
export const findingName = ({ id, control }: Pick<Finding, 'id' | 'control'>): string =>
  `${control}/${digestOf(id).slice(0, DIGEST_LENGTH)}`;

const digestOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** The findings that a name means: a whole id, or a control (which may be left out) and the beginning of a digest. */
export const findingsNamed = <F extends Pick<Finding, 'id' | 'control'>>(
  findings: readonly F[],
  name: string,
): F[] => {
  const exact = findings.filter(({ id }) => id === name);
  if (exact.length > 0) return exact;
  const [digest = '', control] = name
    .replace(/^pipewarden\//, '')
    .split('/')
    .toReversed();
  return findings.filter(
    (finding) =>
      digest !== '' &&
      digestOf(finding.id).startsWith(digest.toLowerCase()) &&
      (control === undefined || finding.control === control),
  );
};
