import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const CIS_AWS: Framework = {
  id: 'cis-aws',
  name: 'CIS AWS Foundations v7.0.0',
  title: 'CIS Amazon Web Services Foundations Benchmark',
  publisher: 'Center for Internet Security',
  edition: 'v7.0.0',
  source: 'https://www.cisecurity.org/benchmark/amazon_web_services',
  reviewed: {
    against: 'public summary only',
    on: '2026-11-30',
    how: 'the recommendations in a public catalogue of version 7.0.0; CIS gives the document to registered readers',
  },
  note: 'Earlier versions have other numbers: 2.14 was 1.16 in v3.0.0, and 4.1 was 3.1.',
  requirements: [
    {
      id: '2.1.2',
      title: 'Guardrails of the organization limit all accounts',
      parts: [parts.NETWORK_EXCEPTION],
      doesNotShow: 'That guardrails are attached, and what they deny besides.',
    },
    {
      id: '2.14',
      title: 'No attached policy allows everything on everything',
      parts: [parts.PRIVILEGED_ROLES],
      doesNotShow: 'Policies of users, groups and roles that no pipeline uses.',
    },
    {
      id: '2.21',
      title: 'Policies of resources are not open to everybody',
      parts: [parts.ROLE_TRUST, parts.INPUTS],
      doesNotShow:
        'Resources besides the roles that pipelines use and the buckets of their inputs, and who may read these buckets.',
    },
    {
      id: '4.1',
      title: 'CloudTrail logs in all Regions',
      parts: [parts.TRAIL],
      doesNotShow: 'Regions that are not audited, and read events.',
    },
  ],
};
