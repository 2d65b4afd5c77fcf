import type { Verdict } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';
import { unreadRemedy } from '../judging/unread-remedy.ts';

export const control = defineControl({
  id: 'evidence-readable',
  on: 'any',
  lint: true,
  requires: ['gaps'],
  meta: {
    system: 'The audit itself',
    title: 'Everything that the controls need can be read',
    severity: 'MEDIUM',
    description:
      'What could not be read is said, and is never a pass: access denied, throttled out, a definition that the event ' +
      'left out and that was deleted since, a step of an unknown type, an event that nobody can understand.',
    risk: 'What is not read is not watched: a gap in the evidence looks like a clean account.',
    remediation:
      'Give the auditor the permission that the call needs, put the missing file into the snapshot, or, for a step type ' +
      'that is not known yet, look at the step yourself.',
    decision: [
      'Each call that AWS refused, each missing file and each part of a definition that was not checked is one finding with the status NOT_AVAILABLE.',
      'SCPs that cannot be read are a WARNING: decisions are made without them.',
      'A list that the configuration does not give (authorised prefixes, roles) is reported once, as a WARNING that says what to configure.',
    ],
    example: {
      fails: 'DescribePipeline: AccessDeniedException',
      passes: 'every fact was read',
    },
    references: ['https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam.html'],
    fix: rolePolicyFix({
      role: 'pipewarden-audit',
      name: 'read-pipelines',
      statement: {
        Effect: 'Allow',
        Action: 'sagemaker:DescribePipeline',
        Resource: 'arn:aws:sagemaker:*:111122223333:pipeline/*',
      },
    }),
    requirements: ['ISO 27001:2022 A.8.16', 'NIST 800-53 CA-7', 'SOC 2 CC4.1'],
  },
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
