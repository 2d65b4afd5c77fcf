import { TABLE_NAMES } from '../shared/history/tables.ts';
import type { Permission, RoleName } from './permission.ts';
import { receives, usesKey, writesLog, writesTraces } from './permission-groups.ts';

/** The roles that tell the history, with what each tells. */
const TELLERS = [
  ['audit', 'tells the history of its looks, of heartbeats, and since when a configuration is in force'],
  ['deliver', 'tells the history of changes'],
  ['sweep', 'tells the history what it has listed'],
] as const satisfies [RoleName, string][];

/** What it takes to keep the history. */
export const historyPermissions = ({ hasMembers }: { hasMembers: boolean }): Permission[] => [
  writesLog('history', 'HistoryLog'),
  writesTraces('history'),
  ...receives('history', 'HistoryQueue', 'the records of the history'),
  {
    role: 'history',
    actions: ['s3:PutObject'],
    on: ['${HistoryBucket}/*'],
    reason: 'writes the files of the history',
    wildcard: 'each Region, account and day has its own folder',
  },
  usesKey('history', 's3', ['GenerateDataKey'], 'encrypts these files'),
  {
    role: 'history',
    actions: ['glue:BatchCreatePartition'],
    on: [
      'arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:catalog',
      'arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:database/${HistoryDatabase}',
      'arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:table/${HistoryDatabase}/*',
    ],
    reason: 'makes the folder of a new day known to Athena',
    wildcard: 'the tables of its own database',
  },
  ...TELLERS.map(
    ([role, reason]): Permission => ({
      role,
      actions: ['sqs:SendMessage'],
      on: ['${HistoryQueue}'],
      reason,
    }),
  ),
  // With members it reads that folder already.
  ...(hasMembers
    ? []
    : [
        {
          role: 'sweep' as const,
          actions: ['s3:GetObject'],
          on: ['${SweepBucket}/sweeps/*'],
          reason: 'reads what it has listed, to tell the history of it when all looks are asked for',
          wildcard: 'each sweep has its own folder',
        },
      ]),
];

/** What it takes to make an evidence pack each month. */
export const evidencePermissions = (): Permission[] => [
  writesLog('evidence', 'EvidenceLog'),
  writesTraces('evidence'),
  {
    role: 'evidence',
    actions: ['s3:ListBucket'],
    on: ['${HistoryBucket}'],
    reason: 'finds the files of a month in the history',
  },
  {
    role: 'evidence',
    actions: ['s3:GetObject'],
    on: TABLE_NAMES.map((name) => `\${HistoryBucket}/${name}/*`),
    reason: 'reads these files',
    wildcard: 'each Region, account and day has its own folder',
  },
  {
    role: 'evidence',
    actions: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'],
    on: ['${HistoryBucket}/evidence/*'],
    reason: 'writes the pack, and sees whether one is there',
    wildcard: 'each month has its own folder',
  },
  usesKey('evidence', 's3', ['Decrypt', 'GenerateDataKey'], 'reads and encrypts these files'),
  {
    role: 'evidence',
    actions: ['kms:GetPublicKey', 'kms:Sign'],
    on: ['${SigningKey}'],
    reason: 'signs the pack',
  },
  {
    role: 'evidenceSchedule',
    actions: ['lambda:InvokeFunction'],
    on: ['${EvidenceFunction}'],
    reason: 'starts the evidence function on schedule',
  },
];
