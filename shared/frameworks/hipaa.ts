import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const HIPAA: Framework = {
  id: 'hipaa',
  name: 'HIPAA',
  title: 'HIPAA Security Rule: 45 CFR 164.308 and 164.312',
  publisher: 'HHS',
  edition: '45 CFR 164.308 and 164.312 as amended in 2013',
  source: 'https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-C/part-164/subpart-C',
  reviewed: {
    against: 'published text',
    on: '2026-11-30',
    how: 'both sections, in copies of the published text',
  },
  note: 'The rule is about electronic protected health information. Whether a pipeline uses any, no control tells. The amendments proposed in January 2025 are not mapped.',
  requirements: [
    {
      id: '164.308(a)(1)(ii)(D)',
      title: 'Records of activity are reviewed regularly',
      parts: [parts.WHAT_RAN, parts.VERSIONS_KEPT],
      doesNotShow: 'Procedures, reviews by people, and records of access to the information itself.',
    },
    {
      id: '164.308(a)(4)(ii)(B)',
      title: 'Access is granted by policy',
      parts: [parts.DECLARED_ROLES, parts.APPROVED_USE],
      doesNotShow: 'The policies and procedures, and who granted access.',
    },
    {
      id: '164.308(a)(4)(ii)(C)',
      title: 'Rights of access are established, reviewed and changed',
      parts: [parts.ROLE_RIGHTS, parts.ROLE_PASSING, parts.ROLE_CHANGES],
      doesNotShow: 'Documentation and reviews of rights, and rights of people outside of pipelines.',
    },
    {
      id: '164.308(a)(8)',
      title: 'Security is evaluated periodically, also after changes',
      parts: [parts.WATCH, parts.EXCEPTIONS],
      doesNotShow: 'Evaluations that are not technical, and systems besides pipelines.',
    },
    {
      id: '164.312(a)(1)',
      title: 'Only those with rights of access reach the information',
      parts: [
        parts.PIPELINE_ACCESS,
        parts.ROLE_TRUST,
        parts.JOB_NAMES,
        parts.STEP_ISOLATION,
        parts.NETWORK_EXCEPTION,
      ],
      doesNotShow:
        'Who may read the buckets of data, users’ identification, emergency access, and encryption.',
    },
    {
      id: '164.312(b)',
      title: 'Activity in systems is recorded and examined',
      parts: [parts.TRAIL, parts.WHAT_RAN],
      doesNotShow: 'Access to the information itself (events of data).',
    },
    {
      id: '164.312(c)(1)',
      title: 'Information is protected from improper alteration and destruction',
      parts: [parts.INPUTS, parts.STEP_ISOLATION],
      doesNotShow: 'Information that is no input of a pipeline, and detection of alterations.',
    },
  ],
};
