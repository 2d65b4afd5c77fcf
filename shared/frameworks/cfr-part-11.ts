import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const CFR_PART_11: Framework = {
  id: '21-cfr-part-11',
  name: '21 CFR Part 11',
  title: 'Electronic records; electronic signatures',
  publisher: 'FDA',
  edition: 'section 11.10 as in the Code of Federal Regulations of 2024',
  source: 'https://www.ecfr.gov/current/title-21/chapter-I/subchapter-A/part-11',
  reviewed: {
    against: 'published text',
    on: '2026-11-30',
    how: 'section 11.10, in copies of the published text',
  },
  note: 'The part applies to electronic records that other rules of the FDA require. Which records of pipelines these are, no control tells. No control is evidence for signatures (11.50 to 11.300).',
  requirements: [
    {
      id: '11.10(d)',
      title: 'Only the authorised have access to the system',
      parts: [parts.PIPELINE_ACCESS, parts.ROLE_TRUST, parts.JOB_NAMES],
      doesNotShow: 'Who the individuals are and how they sign in, and access to records.',
    },
    {
      id: '11.10(e)',
      title: 'Audit trails are made by the system, with the time, and are kept',
      parts: [parts.TRAIL],
      doesNotShow:
        'Trails of the records themselves (events of data), what a change replaced, protection and retention.',
    },
    {
      id: '11.10(f)',
      title: 'The system enforces the permitted sequence of steps',
      parts: [
        {
          shows:
            'Definitions name steps, inputs and dependencies that exist, and no steps that wait for each other, so that SageMaker runs them in the declared order.',
          controls: ['definition-valid'],
        },
      ],
      doesNotShow: 'Whether the declared order is the permitted one, and steps outside of pipelines.',
    },
    {
      id: '11.10(g)',
      title: 'Authority is checked before somebody acts',
      parts: [
        parts.ROLE_PASSING,
        parts.ROLE_CHANGES,
        parts.DECLARED_ROLES,
        parts.INPUTS,
        parts.VERSIONS_ENFORCED,
        parts.WHAT_RAN,
      ],
      doesNotShow: 'Signing, devices, and alteration of records outside of pipelines.',
    },
  ],
};
