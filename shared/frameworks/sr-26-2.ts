import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const SR_26_2: Framework = {
  id: 'sr-26-2',
  name: 'SR 26-2',
  title: 'Revised Guidance on Model Risk Management',
  publisher: 'Federal Reserve, OCC and FDIC',
  edition: 'SR 26-2 (OCC Bulletin 2026-13) of 17 April 2026',
  source: 'https://www.federalreserve.gov/supervisionreg/srletters/SR2602.htm',
  reviewed: {
    against: 'public summary only',
    on: '2026-11-30',
    how: 'the letter, the OCC’s bulletin and public summaries; sections of the attachment are named by these',
  },
  note: 'The guidance replaced that of 2011. It sets no enforceable standards, is meant for banking organizations with more than 30 billion dollars in total assets, and leaves out generative and agentic AI.',
  requirements: [
    {
      id: 'IV',
      title: 'Models are developed and used with a clear purpose, sound data and testing',
      parts: [parts.INPUTS, parts.DEFINITIONS],
      doesNotShow:
        'Purpose, theory, quality of data, tests and limits of a model, and how its output is used.',
    },
    {
      id: 'V',
      title: 'Models are validated and monitored, also after changes',
      parts: [parts.VERSIONS_ENFORCED, parts.VERSIONS_KEPT],
      doesNotShow:
        'Validation itself: conceptual soundness, analysis of outcomes, monitoring of performance. The floor says which versions are in use, not that they were validated.',
    },
    {
      id: 'VI',
      title: 'Governance and controls: roles, policies, inventory, audit',
      parts: [
        parts.PIPELINE_ACCESS,
        parts.ROLE_PASSING,
        parts.ROLE_CHANGES,
        parts.DECLARED_ROLES,
        parts.JOB_NAMES,
        parts.EXCEPTIONS,
        parts.TRAIL,
      ],
      doesNotShow:
        'Responsibilities of boards and management, policies, the inventory of models, and internal audit.',
    },
  ],
};
