import { auditAccounts } from '../../../cli/audit-accounts.ts';
import { type AuditInput, scopesOf } from '../../../cli/audit-input.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Scope } from '../../../shared/domain/scope.ts';
import { recordedBuilder } from '../../../shared/events/recorded-uses.ts';
import { type Results, toResults } from '../../../shared/outputs/formats/results.ts';
import { REQUIRED_CORS } from '../../../shared/policies/required-cors.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { memoryReader } from './memory-reader.ts';

/** An account as a test makes it up: what is wrong in it, and what of it cannot be read. */
export type MadeAccount = {
  account: string;
  /** Its Regions. `isFaulty`: the job of the pipeline there has no name. */
  regions: readonly { region: string; isFaulty?: boolean; isClosed?: boolean; isUnlisted?: boolean }[];
  /** Whether the role of its pipelines may do everything. */
  isAdmin?: boolean;
  /** The CORS rules of a bucket that all accounts use. */
  cors?: 'none' | 'denied';
  /** Whether no role in it can be assumed. */
  isUnreachable?: boolean;
  path?: string;
  name?: string;
};

const CONFIG = parseConfig(
  `version: 1
prefixes: [{ prefix: fraud, pipelines: ["*"] }]
roles: { execution: ["arn:aws:iam::*:role/pipelines/*"], steps: ["arn:aws:iam::*:role/pipelines/*"] }
imageBuckets: { names: [shared-images] }
`,
  'pipewarden.yaml',
  CONTROLS.map(({ id }) => id),
);

const DENIED = { call: 'AssumeRole', code: 'AccessDenied', message: 'not allowed' };

const readerIn = (
  made: MadeAccount,
  { region, isFaulty, isUnlisted }: MadeAccount['regions'][number],
): Reader => {
  const { account, isAdmin, cors, path } = made;
  const role = `arn:aws:iam::${account}:role/pipelines/fraud`;
  const step = {
    Name: 'Train',
    Type: 'Training',
    Arguments: { RoleArn: role, ...(isFaulty ? {} : { TrainingJobName: 'fraud-train' }) },
  };
  const scope: Scope = { account, region, partition: 'aws' };
  const trust = {
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  };
  const { reader } = memoryReader(
    {
      listing: ['fraud'],
      pipelines: {
        fraud: {
          name: 'fraud',
          arn: `arn:aws:sagemaker:${region}:${account}:pipeline/fraud`,
          roleArn: role,
          definitionText: JSON.stringify({ Version: '2020-12-01', Steps: [step] }),
        },
      },
      ...(cors === 'none' && { cors: { 'shared-images': [] } }),
      ...(path !== undefined && { ownOrganization: { id: path.split('/')[0] ?? '', path } }),
      identities: {
        RoleDetailList: [
          {
            RoleName: 'fraud',
            Arn: role,
            AssumeRolePolicyDocument: trust,
            RolePolicyList: [
              {
                PolicyName: 'own',
                PolicyDocument: {
                  Statement: [
                    isAdmin
                      ? { Effect: 'Allow', Action: '*', Resource: '*' }
                      : { Effect: 'Allow', Action: 'sagemaker:DescribeTrainingJob', Resource: '*' },
                  ],
                },
              },
            ],
          },
        ],
      },
    },
    cors === 'denied' ? ['getBucketCors'] : [],
  );
  return {
    ...reader,
    scope,
    ...(cors === undefined && { getBucketCors: async () => found([REQUIRED_CORS]) }),
    ...(isUnlisted && { listPipelines: async () => notRead('ListPipelines', 'AccessDenied', 'not allowed') }),
    listBuckets: async () => found([]),
    listJobs: async () => found([]),
  };
};

/** What an audit reads of these accounts. */
const inputOf = (made: readonly MadeAccount[]): AuditInput => {
  const scopesIn = ({ account, regions }: MadeAccount): Scope[] =>
    regions.map(({ region }) => ({ account, region, partition: 'aws' }));
  return {
    accounts: made.flatMap((each) => {
      const [home, ...others] = each.isUnreachable ? [] : each.regions.filter(({ isClosed }) => !isClosed);
      return home
        ? [{ readers: [readerIn(each, home), ...others.map((other) => readerIn(each, other))], dirs: [] }]
        : [];
    }),
    names: new Map(made.flatMap(({ account, name }) => (name === undefined ? [] : [[account, name]]))),
    unconnected: made.flatMap((each): AuditInput['unconnected'] => {
      const all = scopesIn(each);
      const [first, ...more] = all;
      const isWhole = each.isUnreachable || each.regions.every(({ isClosed }) => isClosed);
      if (first && isWhole)
        return [{ scopes: [first, ...more] as const, isWholeAccount: true, unread: DENIED }];
      return all
        .filter((_, index) => each.regions[index]?.isClosed)
        .map((scope) => ({ scopes: [scope] as const, isWholeAccount: false, unread: DENIED }));
    }),
    events: undefined,
    recorded: recordedBuilder().recorded(),
    unreadable: [],
  };
};

const SILENT = { say: () => {}, count: () => {}, endCount: () => {} };

/** The results of an audit of these accounts, as the command makes them. */
export const resultsOfAccounts = async (
  made: readonly MadeAccount[],
  { generatedAt = '2026-11-24T03:44:05.123Z', all = false } = {},
): Promise<Results> => {
  const input = inputOf(made);
  const audited = await auditAccounts(input, { config: CONFIG, file: 'pipewarden.yaml' }, SILENT, { all });
  const each = (names: readonly string[]) => [...new Set(names)].join(', ');
  const scopes = scopesOf(input);
  return toResults({
    ...audited,
    generatedAt,
    account: each(scopes.map(({ account }) => account)),
    region: each(scopes.map(({ region }) => region)),
    all,
  });
};
