import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const EU_AI_ACT: Framework = {
  id: 'eu-ai-act',
  name: 'EU AI Act',
  title: 'Regulation (EU) 2024/1689 on artificial intelligence: articles 12 and 17, annex IV',
  publisher: 'European Union',
  edition: 'Regulation (EU) 2024/1689 of 13 June 2024',
  source: 'https://eur-lex.europa.eu/eli/reg/2024/1689/oj',
  reviewed: {
    against: 'public summary only',
    on: '2026-12-01',
    how: 'articles 12 and 17 and point 2 of annex IV in copies of the published text, but point 6 of annex IV only as others quote it',
  },
  note: 'These parts bind providers of high-risk AI systems. Whether a system is one, no control tells. Regulation (EU) 2026/1744 moved their application to 2 December 2027 (annex III) and 2 August 2028 (annex I).',
  requirements: [
    {
      id: 'Art. 12(1)',
      title: 'High-risk systems record events over their lifetime',
      parts: [parts.TRAIL],
      doesNotShow:
        'Logs of the AI system in use. The trail records who makes and changes models, not what they decide. Retention (articles 19 and 26) is not judged.',
    },
    {
      id: 'Art. 12(2)(a)',
      title: 'Records let risks and substantial modifications be recognised',
      parts: [parts.VERSIONS_KEPT, parts.WHAT_RAN],
      doesNotShow:
        'Whether a modification is substantial, and risks to health, safety and fundamental rights.',
    },
    {
      id: 'Art. 17(1)(a)',
      title: 'Modifications of the system are managed',
      parts: [parts.PIPELINE_ACCESS, parts.VERSIONS_ENFORCED, parts.VERSIONS_KEPT],
      doesNotShow: 'The written strategy and procedures, and conformity assessments.',
    },
    {
      id: 'Art. 17(1)(c)',
      title: 'Development is under quality control',
      parts: [parts.DEFINITIONS, parts.DECLARED_ROLES],
      doesNotShow: 'The written techniques and procedures, and the quality of models.',
    },
    {
      id: 'Art. 17(1)(f)',
      title: 'Data is managed, from acquisition to retention',
      parts: [parts.INPUTS, parts.STEP_ISOLATION],
      doesNotShow: 'Acquisition, labelling, analysis, storage and retention of data, and who may read it.',
    },
    {
      id: 'Art. 17(1)(k)',
      title: 'Documentation and information are recorded',
      parts: [parts.TRAIL],
      doesNotShow: 'Every record besides those of CloudTrail, and how long they are kept.',
    },
    {
      id: 'Art. 17(1)(m)',
      title: 'It is laid down who answers for what',
      parts: [parts.EXCEPTIONS],
      doesNotShow: 'The responsibilities of management and staff.',
    },
    {
      id: 'Annex IV(2)(a)',
      title: 'The documentation tells the steps by which the system was developed',
      parts: [
        {
          shows:
            'Definitions tell their steps without mistakes, and the jobs that ran are those of the definitions.',
          controls: ['definition-valid', 'job-role-as-declared'],
        },
      ],
      doesNotShow: 'The documentation itself, and steps outside of pipelines.',
    },
    {
      id: 'Annex IV(2)(h)',
      title: 'The documentation tells the measures of cybersecurity',
      parts: [
        parts.ROLE_RIGHTS,
        parts.ROLE_CHANGES,
        parts.ROLE_TRUST,
        parts.ROLE_PASSING,
        parts.PIPELINE_ACCESS,
        parts.JOB_NAMES,
        parts.INPUTS,
        parts.NETWORK_EXCEPTION,
      ],
      doesNotShow: 'The documentation itself, and measures outside of pipelines and their roles.',
    },
    {
      id: 'Annex IV(6)',
      title: 'The documentation tells the changes over the life cycle',
      parts: [parts.VERSIONS_KEPT],
      doesNotShow: 'The documentation itself, and what each version changed.',
    },
  ],
};
