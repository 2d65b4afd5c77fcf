import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const ISO_42001: Framework = {
  id: 'iso-42001',
  name: 'ISO 42001:2023',
  title: 'Artificial intelligence management system, annex A',
  publisher: 'ISO/IEC',
  edition: 'ISO/IEC 42001:2023',
  source: 'https://www.iso.org/standard/42001',
  reviewed: {
    against: 'public summary only',
    on: '2026-11-30',
    how: 'the numbers and titles of annex A in public catalogues; the text of the standard is not free',
  },
  requirements: [
    {
      id: 'A.6.2.5',
      title: 'AI systems are deployed by plan',
      parts: [parts.DEFINITIONS, parts.VERSIONS_ENFORCED, parts.VERSIONS_KEPT],
      doesNotShow: 'The plan, its criteria, and the deployment of models to endpoints.',
    },
    {
      id: 'A.6.2.6',
      title: 'Operation is monitored',
      parts: [parts.WATCH, parts.WHAT_RAN],
      doesNotShow: 'The performance of models, their repair, updates and support.',
    },
    {
      id: 'A.6.2.8',
      title: 'Events are logged over the life cycle',
      parts: [parts.TRAIL],
      doesNotShow: 'Logs of the AI system in use: inputs, outputs and people involved.',
    },
    {
      id: 'A.7.2',
      title: 'Data for development is managed',
      parts: [parts.INPUTS, parts.STEP_ISOLATION],
      doesNotShow: 'Processes for data, its quality, origin and preparation, and who may read it.',
    },
  ],
};
