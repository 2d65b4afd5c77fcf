import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const SOC_2: Framework = {
  id: 'soc-2',
  name: 'SOC 2',
  title: 'Trust Services Criteria',
  publisher: 'AICPA',
  edition: 'criteria of 2017, points of focus revised 2022',
  source:
    'https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022',
  reviewed: {
    against: 'public summary only',
    on: '2026-11-30',
    how: 'the criteria in public catalogues, without the guide for examinations',
  },
  requirements: [
    {
      id: 'CC4.1',
      title: 'Evaluations tell whether internal control works',
      parts: [parts.WATCH],
      doesNotShow: 'Evaluations of anything besides pipelines, and who acts on them.',
    },
    {
      id: 'CC6.1',
      title: 'Logical access to protected information is restricted',
      parts: [parts.JOB_NAMES, parts.INPUTS, parts.KNOWN_BUCKETS],
      doesNotShow: 'Authentication, encryption, keys, networks, and access outside of pipelines.',
    },
    {
      id: 'CC6.3',
      title: 'Access is granted by role, with least privilege and separated duties',
      parts: [
        parts.ROLE_RIGHTS,
        parts.ROLE_CHANGES,
        parts.ROLE_TRUST,
        parts.ROLE_PASSING,
        parts.DECLARED_ROLES,
        parts.APPROVED_USE,
        parts.PIPELINE_ACCESS,
        parts.STEP_ISOLATION,
        parts.WHAT_RAN,
      ],
      doesNotShow:
        'How access was requested, approved, reviewed and withdrawn, and access outside of pipelines.',
    },
    {
      id: 'CC6.6',
      title: 'Access from outside the system’s boundaries is guarded',
      parts: [parts.NETWORK_EXCEPTION],
      doesNotShow: 'That there is such an SCP, and every other boundary.',
    },
    {
      id: 'CC7.1',
      title: 'Changed configurations and new weaknesses are detected',
      parts: [parts.IMAGE_BUCKETS, parts.DEFINITIONS, parts.EXCEPTIONS],
      doesNotShow:
        'Scans for vulnerabilities, and configurations besides those of pipelines and image buckets.',
    },
    {
      id: 'CC7.2',
      title: 'Components are monitored for anomalies',
      parts: [parts.TRAIL, parts.WATCH, parts.WHAT_RAN],
      doesNotShow: 'Monitoring of networks and hosts, and whether an anomaly is an incident.',
    },
    {
      id: 'CC8.1',
      title: 'Changes are authorised, tested and approved',
      parts: [parts.VERSIONS_ENFORCED, parts.VERSIONS_KEPT],
      doesNotShow: 'Design, tests, approval and documentation of changes.',
    },
  ],
};
