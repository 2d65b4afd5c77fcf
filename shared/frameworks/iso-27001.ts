import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const ISO_27001: Framework = {
  id: 'iso-27001',
  name: 'ISO 27001:2022',
  title: 'Information security management systems, annex A',
  publisher: 'ISO/IEC',
  edition: 'ISO/IEC 27001:2022',
  source: 'https://www.iso.org/standard/27001',
  reviewed: {
    against: 'public summary only',
    on: '2026-11-30',
    how: 'the numbers and titles of annex A in public catalogues; the text of the standard is not free',
  },
  requirements: [
    {
      id: 'A.5.9',
      title: 'Information and assets are on an inventory',
      parts: [parts.KNOWN_BUCKETS],
      doesNotShow: 'Owners, and any asset besides image buckets.',
    },
    {
      id: 'A.5.15',
      title: 'Rules for access are made and kept',
      parts: [parts.PIPELINE_ACCESS, parts.JOB_NAMES, parts.ROLE_TRUST, parts.WHAT_RAN],
      doesNotShow: 'The rules as the organization wrote them, and access outside of pipelines.',
    },
    {
      id: 'A.5.18',
      title: 'Access rights are granted, reviewed and taken away by rule',
      parts: [parts.APPROVED_USE, parts.DECLARED_ROLES],
      doesNotShow: 'How rights were requested, approved, reviewed and withdrawn.',
    },
    {
      id: 'A.8.2',
      title: 'Privileged rights are limited and managed',
      parts: [
        parts.ROLE_RIGHTS,
        parts.ROLE_CHANGES,
        parts.ROLE_PASSING,
        parts.DECLARED_ROLES,
        parts.STEP_ISOLATION,
        parts.NETWORK_EXCEPTION,
      ],
      doesNotShow: 'Privileged people, their authentication, and reviews.',
    },
    {
      id: 'A.8.3',
      title: 'Access to information and functions is restricted',
      parts: [parts.PIPELINE_ACCESS, parts.JOB_NAMES, parts.INPUTS],
      doesNotShow: 'Who may read data, and access outside of pipelines.',
    },
    {
      id: 'A.8.4',
      title: 'Access to source code is managed',
      parts: [parts.INPUTS],
      doesNotShow: 'Repositories, images of containers, and who may read code.',
    },
    {
      id: 'A.8.9',
      title: 'Configurations are set, watched and reviewed',
      parts: [parts.DEFINITIONS, parts.IMAGE_BUCKETS, parts.EXCEPTIONS],
      doesNotShow:
        'Documented configurations of anything besides definitions, image buckets and the auditor.',
    },
    {
      id: 'A.8.15',
      title: 'Activities are logged',
      parts: [parts.TRAIL],
      doesNotShow: 'Protection, retention and analysis of logs, and events of data.',
    },
    {
      id: 'A.8.16',
      title: 'Systems are monitored for unusual behaviour',
      parts: [parts.WATCH, parts.WHAT_RAN, parts.VERSIONS_KEPT],
      doesNotShow: 'Monitoring of networks and applications, and what is done about incidents.',
    },
    {
      id: 'A.8.20',
      title: 'Networks are secured',
      parts: [parts.NETWORK_EXCEPTION],
      doesNotShow: 'That there is such an SCP, and the networks themselves.',
    },
    {
      id: 'A.8.32',
      title: 'Changes follow procedures',
      parts: [parts.VERSIONS_ENFORCED, parts.VERSIONS_KEPT],
      doesNotShow: 'Planning, testing and approval of changes.',
    },
  ],
};
