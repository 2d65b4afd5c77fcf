import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const NIST_AI_RMF: Framework = {
  id: 'nist-ai-rmf',
  name: 'NIST AI RMF',
  title: 'Artificial Intelligence Risk Management Framework',
  publisher: 'NIST',
  edition: 'AI RMF 1.0 (NIST AI 100-1, January 2023)',
  source: 'https://doi.org/10.6028/NIST.AI.100-1',
  reviewed: {
    against: 'published text',
    on: '2026-11-30',
    how: 'the subcategories of the core, in a copy of the published text',
  },
  note: 'The framework is voluntary and states outcomes. Pipewarden sees how models are made, not how they behave.',
  requirements: [
    {
      id: 'GOVERN 1.5',
      title: 'Monitoring and review of the risk management are planned',
      parts: [parts.WATCH],
      doesNotShow: 'The plan, its frequency, and who is responsible.',
    },
    {
      id: 'MAP 4.2',
      title: 'Internal controls for components of the AI system are identified',
      parts: [parts.DECLARED_ROLES, parts.KNOWN_BUCKETS, parts.EXCEPTIONS],
      doesNotShow:
        'Controls for models, data and components of third parties, and whether the list is complete.',
    },
    {
      id: 'MEASURE 2.4',
      title: 'The system and its components are monitored in production',
      parts: [parts.WHAT_RAN, parts.VERSIONS_KEPT],
      doesNotShow: 'What the models do: quality, drift, and behaviour towards people.',
    },
    {
      id: 'MEASURE 2.7',
      title: 'Security and resilience are evaluated and documented',
      parts: [
        parts.ROLE_RIGHTS,
        parts.ROLE_CHANGES,
        parts.ROLE_TRUST,
        parts.ROLE_PASSING,
        parts.PIPELINE_ACCESS,
        parts.JOB_NAMES,
        parts.INPUTS,
        parts.STEP_ISOLATION,
        parts.NETWORK_EXCEPTION,
      ],
      doesNotShow:
        'Attacks on models (poisoned data, extraction, adversarial inputs), endpoints, and resilience.',
    },
    {
      id: 'MEASURE 2.8',
      title: 'Risks to transparency and accountability are examined',
      parts: [parts.TRAIL, parts.WHAT_RAN],
      doesNotShow: 'Explanations, documentation of models, and who answers for their results.',
    },
    {
      id: 'MANAGE 2.4',
      title: 'Systems can be superseded, disengaged or switched off',
      parts: [parts.VERSIONS_ENFORCED, parts.VERSIONS_KEPT],
      doesNotShow: 'Models and endpoints that are deployed already, and who decides.',
    },
    {
      id: 'MANAGE 3.1',
      title: 'Resources of third parties are monitored and controlled',
      parts: [
        {
          shows: 'Pipelines of AWS itself are started with an authorised role.',
          controls: ['managed-pipeline-role'],
        },
      ],
      doesNotShow: 'Data, models, images and services of third parties.',
    },
    {
      id: 'MANAGE 4.1',
      title: 'Plans for monitoring after deployment are carried out',
      parts: [parts.TRAIL, parts.WATCH],
      doesNotShow: 'Feedback of users, appeals, incident response, and recovery.',
    },
  ],
};
