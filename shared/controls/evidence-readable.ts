import type { Verdict } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { unreadRemedy } from '../judging/unread-remedy.ts';

export const control = defineControl({
  id: 'evidence-readable',
  system: 'The audit itself',
  title: 'Everything that the controls need can be read',
  severity: 'MEDIUM',
  on: [
    'pipeline',
    'execution',
    'job',
    'bucket',
    'role',
    'user',
    'organization',
    'account',
    'event',
    'source',
  ],
  lint: true,
  requires: ['gaps'],
  satisfiedBy: ({ gaps = [] }) => [{ at: 'what was read', found: `${gaps.length} gaps` }],
  evaluate: ({ gaps }) =>
    gaps.length === 0
      ? [{ status: 'PASSED' }]
      : gaps.map(
          ({ call, code, message, subject, isOptional }): Verdict => ({
            status: isOptional ? 'WARNING' : 'NOT_AVAILABLE',
            ...(isOptional && { severity: 'INFORMATIONAL' as const }),
            subject: subject ?? call,
            evidence: [{ at: call, found: `${code}: ${message}`, expected: 'evidence that can be read' }],
            remediation: { text: unreadRemedy({ call, code }) },
          }),
        ),
});
