import type { Framework } from './framework.ts';
import * as parts from './parts.ts';

export const NIST_800_53: Framework = {
  id: 'nist-800-53',
  name: 'NIST 800-53',
  title: 'Security and Privacy Controls for Information Systems and Organizations',
  publisher: 'NIST',
  edition: 'SP 800-53 revision 5, release 5.1.1',
  source: 'https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final',
  reviewed: {
    against: 'published text',
    on: '2026-11-30',
    how: 'the statements of the controls in NIST’s own catalogue in OSCAL',
  },
  requirements: [
    {
      id: 'AC-3',
      title: 'Logical access follows what was approved',
      parts: [
        parts.APPROVED_USE,
        parts.DECLARED_ROLES,
        parts.PIPELINE_ACCESS,
        parts.JOB_NAMES,
        parts.ROLE_TRUST,
        parts.ROLE_CHANGES,
        parts.INPUTS,
        parts.VERSIONS_ENFORCED,
        parts.WHAT_RAN,
      ],
      doesNotShow:
        'Who approved the configuration that the controls go by, and access to anything besides pipelines, their jobs, roles and buckets.',
    },
    {
      id: 'AC-4',
      title: 'Information flows only where it may',
      parts: [parts.NETWORK_EXCEPTION, parts.STEP_ISOLATION],
      doesNotShow:
        'The networks of jobs, reading of data between steps, and flows outside of pipelines and S3.',
    },
    {
      id: 'AC-6',
      title: 'Nobody has more rights than the task needs',
      parts: [
        parts.ROLE_RIGHTS,
        parts.ROLE_PASSING,
        parts.ROLE_TRUST,
        parts.DECLARED_ROLES,
        parts.PIPELINE_ACCESS,
        parts.JOB_NAMES,
        parts.STEP_ISOLATION,
        parts.NETWORK_EXCEPTION,
        parts.WHAT_RAN,
      ],
      doesNotShow:
        'The rights of people and roles beyond pipelines and their jobs, and whether a task needs what its definition asks for.',
    },
    {
      id: 'AC-6(1)',
      title: 'Access to security functions is authorised explicitly',
      parts: [parts.ROLE_CHANGES],
      doesNotShow: 'Security functions other than the policies and trust of the roles that pipelines use.',
    },
    {
      id: 'AC-6(5)',
      title: 'Privileged accounts are limited to a few',
      parts: [parts.PRIVILEGED_ROLES],
      doesNotShow: 'Who else in the account is privileged, and who uses such accounts.',
    },
    {
      id: 'AU-2',
      title: 'The events to be logged are chosen',
      parts: [parts.TRAIL],
      doesNotShow: 'The reasons for the choice, its coordination and its review, and events of data.',
    },
    {
      id: 'AU-6',
      title: 'Audit records are reviewed and findings reported',
      parts: [
        {
          shows: 'Recorded starts and changes of pipeline versions were held against the floor.',
          controls: ['version-floor-kept'],
        },
        parts.WHAT_RAN,
      ],
      doesNotShow: 'Reviews by people, their frequency, and records of anything besides pipelines and jobs.',
    },
    {
      id: 'AU-12',
      title: 'The system makes the audit records that were chosen',
      parts: [parts.TRAIL],
      doesNotShow: 'The content, integrity and retention of the records, and events of data.',
    },
    {
      id: 'CA-7',
      title: 'Controls are assessed and monitored continuously',
      parts: [parts.WATCH],
      doesNotShow: 'The strategy, its metrics, and how the organization responds.',
    },
    {
      id: 'CM-3',
      title: 'Changes of the configuration are controlled',
      parts: [parts.VERSIONS_ENFORCED, parts.VERSIONS_KEPT, parts.EXCEPTIONS],
      doesNotShow: 'That changes were proposed, analysed, approved and documented.',
    },
    {
      id: 'CM-5',
      title: 'Only the authorised may make changes',
      parts: [parts.PIPELINE_ACCESS, parts.ROLE_CHANGES, parts.INPUTS, parts.VERSIONS_ENFORCED],
      doesNotShow: 'Physical access, repositories of code, and systems besides pipelines.',
    },
    {
      id: 'CM-6',
      title: 'Settings are secure, and deviations are approved',
      parts: [parts.DEFINITIONS, parts.IMAGE_BUCKETS, parts.EXCEPTIONS],
      doesNotShow: 'A documented baseline, and who approved a deviation.',
    },
    {
      id: 'CM-8',
      title: 'Components are on an inventory',
      parts: [parts.KNOWN_BUCKETS],
      doesNotShow: 'An inventory of anything besides image buckets.',
    },
    {
      id: 'SC-7',
      title: 'Communication is controlled at boundaries',
      parts: [parts.NETWORK_EXCEPTION],
      doesNotShow:
        'That there is such an SCP, and every other boundary: subnets, endpoints, security groups.',
    },
    {
      id: 'SI-4',
      title: 'The system is monitored for attacks and unauthorised use',
      parts: [parts.WHAT_RAN, parts.VERSIONS_KEPT],
      doesNotShow: 'Monitoring of networks and hosts, and of use that keeps to authorised names and roles.',
    },
  ],
};
