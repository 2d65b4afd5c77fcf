import { writtenByOtherTeams } from '../concerns/team-writing.ts';
import { type InputBucket, isOutOfWork, writtenFromOutside } from '../concerns/writing-inputs.ts';
import type { Config } from '../config/schema.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { Policy } from '../iam/policy/policy.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { askersText } from '../judging/needs-verdict.ts';
import { statementsAbout } from '../judging/satisfying-statements.ts';
import { quotedUnreadRemedy, unreadRemedy } from '../judging/unread-remedy.ts';
import { unknownNeeds } from '../judging/unread-use-verdicts.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { isBucketOfAws } from '../needs/aws-buckets.ts';
import type { RoleUses } from '../needs/roster.ts';
import { listed } from '../text/listed.ts';

export const control = defineControl({
  id: 'pipeline-inputs-protected',
  system: 'Execution roles',
  title: 'Nobody outside the account or team may write what JsonGet reads, code of steps, or data of models',
  severity: 'HIGH',
  on: ['bucket', 'role'],
  requires: ['inputs'],
  hangsOn: ['execution role', 'step role'],
  satisfiedBy: ({ inputs }) =>
    inputs?.of === 'bucket'
      ? statementsAbout(inputs.policy, `policy of bucket ${inputs.name}`, [
          's3:PutObject',
          's3:PutBucketPolicy',
        ])
      : [],
  evaluate: ({ inputs }, config, shared) => {
    if (inputs.of === 'role') return untoldOf(inputs.uses);
    if (isBucketOfAws(inputs.name)) return doesNotApply('AWS owns the bucket, and nobody else may write it');
    if (inputs.files.length === 0)
      return doesNotApply('no pipeline reads a file of JsonGet, code or a model from it');
    const unknown = unknownNeeds(inputs.roster.unread);
    return [ofOutside(inputs, shared), ...ofTeams(inputs, config, shared)].map((verdict) =>
      verdict.status === 'PASSED' && unknown ? { ...verdict, ...unknown } : verdict,
    );
  },
});

const ofOutside = (bucket: InputBucket, shared: SharedWork): Verdict => {
  const { concerns, isForEverybody, isForService } = writtenFromOutside(bucket, shared);
  const [unread] = bucket.policy?.unreadable ?? [];
  if (concerns.length === 0 && unread) {
    const evidence = unreadPolicy(unread);
    return {
      status: 'NOT_AVAILABLE',
      severity: 'LOW',
      evidence: [evidence],
      remediation: {
        text: quotedUnreadRemedy(
          [evidence.found],
          `See to it that the policy of ${bucket.name} can be read, and audit again.`,
        ),
      },
    };
  }
  return verdictOn(concerns, {
    otherwise:
      'see what the requests carry for the keys of that condition, and whether ACLs count in the bucket',
    breach: (evidence) => ({
      status: 'FAILED',
      // Whoever names an account has meant it, though perhaps not what it may decide here.
      ...(!isForEverybody && { severity: 'MEDIUM' }),
      evidence,
      remediation: {
        text: `Let other accounts read, not write, in the policy of ${bucket.name}; what they deliver belongs into a bucket of its own.${isForService ? ' A service needs a condition on aws:SourceAccount.' : ''}`,
      },
    }),
  });
};

/** The finding about the other teams of the account is one of its own, as its cause is in their policies. */
const OTHER_TEAMS = 'other teams';

const ofTeams = (bucket: InputBucket, config: Config, shared: SharedWork): Verdict[] => {
  const { principals, policy, name } = bucket;
  if (!principals) return [];
  if (!principals.ok) {
    const { call, code, message } = principals.unread;
    return [
      {
        subject: OTHER_TEAMS,
        status: 'NOT_AVAILABLE',
        severity: 'LOW',
        evidence: [{ at: call, found: `${code}: ${message}`, expected: 'users and roles that can be read' }],
        remediation: { text: unreadRemedy({ call, code }) },
      },
    ];
  }
  // What cannot be read leaves every answer open, which the other verdict tells.
  if (policy && policy.unreadable.length > 0) return [];
  const { concerns, writers } = writtenByOtherTeams(bucket, principals.value, config, shared);
  const verdict = verdictOn(concerns, {
    otherwise: 'name the places of its team in the statement',
    breach: (evidence) => ({
      status: 'FAILED',
      severity: 'MEDIUM',
      evidence,
      remediation: {
        text: `Name the folders of their own teams in the statements of ${listed(writers)}, or deny them in the policy of ${name} to write what other teams’ pipelines read; review first what else they write there. Whoever is meant to write it belongs into roles.creators with these pipelines, or into roles.administrators.`,
      },
    }),
  });
  const isQuiet = verdict.status === 'NOT_AVAILABLE' && !concerns.some(isOutOfWork);
  return [{ ...verdict, subject: OTHER_TEAMS, ...(isQuiet && { severity: 'LOW' }) }];
};

const untoldOf = (uses: RoleUses): Verdict[] => {
  const [first, ...others] = untoldFiles(uses);
  if (!first)
    return doesNotApply('each file, code and model that is read under it lies in a bucket, which is judged');
  return [
    {
      status: 'NOT_AVAILABLE',
      severity: 'LOW',
      evidence: [first, ...others],
      remediation: {
        text: 'Give the parameters that the place hangs on a default, or see by hand that nobody outside the account may write the file.',
      },
    },
  ];
};

const unreadPolicy = ({ name, problems }: Policy): Evidence => ({
  at: name,
  found: problems[0]?.message ?? 'it cannot be read',
  expected: 'a policy that can be read',
});

/** A person looks at a few of them. */
const MAX_UNTOLD = 20;

/** Files in buckets that only a run tells, whose policies nobody can look at. */
const untoldFiles = ({ untold }: RoleUses): Evidence[] =>
  untold
    .filter(({ kind }) => kind !== 'pass-role')
    .slice(0, MAX_UNTOLD)
    .map(({ kind, need, askers, count }) => ({
      at: 'definition',
      found: `only a run tells which file it is (${need.resource}), for ${kind === 'json-get' ? 'the JsonGet' : 'the code or model'} of ${askersText(askers, count)}`,
      expected: 'a file whose bucket the definition tells',
    }));
