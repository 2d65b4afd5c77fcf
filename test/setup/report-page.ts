import type { Finding } from '../../shared/findings/finding.ts';
import { type ReportOptions, toHtml } from '../../shared/outputs/report/report.tsx';
import { type Results, toResults } from '../../shared/outputs/results.ts';
import { ACCOUNT, REGION } from './events.ts';
import { aFinding } from './finding.ts';

export const NOW = '2026-11-24T03:44:05.123Z';

/** The results of a run that found these. */
export const resultsOf = (
  findings: readonly Finding[],
  { generatedAt = NOW, account = ACCOUNT, all = false } = {},
): Results => toResults({ findings, generatedAt, account, region: REGION, all });

/** The page of one run, with a control that is known by its texts. */
export const pageOf = (findings: readonly Finding[], options: Partial<ReportOptions> = {}): string =>
  toHtml(resultsOf(findings), {
    controls: (id) => (id === 'step-isolation' ? KNOWN : undefined),
    ...options,
  });

export const KNOWN = {
  title: 'Steps cannot change each other’s data',
  description: 'One role per step.',
  risk: 'A step rewrites the input of another.',
  remediation: 'Give each step a role of its own.',
};

const CONTROLS = ['step-isolation', 'pipeline-job-prefix', 'step-role-authorised', 'job-prefix-length'];
const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;

/** So many findings as an account with many pipelines has them: names, evidence and commands differ from one to the next. */
export const manyFindings = (count: number): Finding[] =>
  Array.from({ length: count }, (_, index) => {
    const pipeline = `team-${index % 40}-pipeline-${index % 130}`;
    const role = `arn:aws:iam::${ACCOUNT}:role/steps/team-${index % 40}-step-${index}`;
    return aFinding({
      id: `pipewarden/${CONTROLS[index % 4]}/${index}`,
      control: CONTROLS[index % 4] ?? '',
      severity: SEVERITIES[index % 4] ?? 'LOW',
      title: `What ${CONTROLS[index % 4]} asks for holds`,
      resource: { type: 'pipeline', arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:pipeline/${pipeline}` },
      subject: `Step-${index}`,
      evidence: [
        {
          at: `/Steps/${index % 50}/Arguments/RoleArn`,
          found: `${role} writes s3://data-${index % 40}/features/${index}/*`,
          expected: `a role that writes nothing of step Step-${index + 1}`,
        },
      ],
      remediation: {
        text: `Take the write of ${pipeline} from ${role}.`,
        patch: `aws iam put-role-policy --role-name team-${index % 40}-step-${index} --policy-name pipewarden-${index} --policy-document '{"Version":"2012-10-17","Statement":[{"Sid":"Isolated","Effect":"Deny","Action":["s3:PutObject","s3:DeleteObject"],"Resource":["arn:aws:s3:::data-${index % 40}/features/${index}/*"]}]}'`,
      },
    });
  });
