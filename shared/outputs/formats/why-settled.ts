import type { Finding } from '../../domain/finding.ts';
import { cut } from '../../text/cut.ts';

const LONGEST = 240;

/** Why a verdict asks for nothing: what satisfied the control, or why there is nothing to judge. Not escaped. */
export const whySettled = ({
  status,
  evidence: [first],
  remediation,
}: Pick<Finding, 'status' | 'evidence' | 'remediation'>): string => {
  switch (status) {
    case 'NOT_APPLICABLE':
      return cut(remediation.text, LONGEST);
    case 'PASSED':
      return first ? cut(`${first.at}: ${first.found}`, LONGEST) : '';
    case 'FAILED':
    case 'WARNING':
    case 'NOT_AVAILABLE':
      return '';
  }
};
