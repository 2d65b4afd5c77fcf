import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const GMP_ANNEX_11: Framework = {
  id: 'eu-gmp-annex-11',
  name: 'EU GMP Annex 11',
  title: 'EudraLex volume 4, annex 11: computerised systems',
  publisher: 'European Commission',
  edition: 'revision 1 of 2011',
  source: 'https://health.ec.europa.eu/medicinal-products/eudralex/eudralex-volume-4_en',
  reviewed: {
    against: 'public summary only',
    on: '2026-12-01',
    how: 'sections 9 to 12, only as others quote and sum them up',
  },
  note: 'The mapping is to the edition of 2011. The draft revision of 7 July 2025 has other sections and is not mapped. Whether a pipeline is part of a GMP-regulated activity, no control tells.',
  requirements: [
    {
      id: '9',
      title: 'Changes and deletions of GMP-relevant data leave an audit trail',
      parts: [parts.TRAIL],
      doesNotShow: 'Trails of data, the reasons of changes, and reviews of the trail.',
    },
    {
      id: '10',
      title: 'Changes of the system and its configuration are controlled',
      parts: [
        parts.VERSIONS_ENFORCED,
        parts.VERSIONS_KEPT,
        parts.ROLE_CHANGES,
        parts.EXCEPTIONS,
        parts.IMAGE_BUCKETS,
      ],
      doesNotShow: 'The defined procedure, and that each change followed it.',
    },
    {
      id: '11',
      title: 'Systems are evaluated periodically',
      parts: [parts.WATCH],
      doesNotShow: 'The state of validation, incidents, deviations, upgrades and performance.',
    },
    {
      id: '12.1',
      title: 'Only the authorised have access',
      parts: [
        parts.PIPELINE_ACCESS,
        parts.ROLE_TRUST,
        parts.ROLE_RIGHTS,
        parts.ROLE_PASSING,
        parts.JOB_NAMES,
        parts.INPUTS,
      ],
      doesNotShow: 'Physical access, how people sign in, and access outside of pipelines.',
    },
    {
      id: '12.3',
      title: 'Changes of access rights are recorded',
      parts: [parts.TRAIL],
      doesNotShow: 'Rights outside of IAM, and who asked for a change.',
    },
    {
      id: '12.4',
      title: 'Systems record who entered, changed, confirmed or deleted data, and when',
      parts: [
        {
          shows:
            'A trail records who called SageMaker, S3 and IAM, and jobs run under the role that was declared for them.',
          controls: ['job-role-as-declared', 'trail-logging'],
        },
      ],
      doesNotShow: 'Which person used a role, and events of data.',
    },
  ],
};
