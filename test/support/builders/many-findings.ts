import type { Finding } from '../../../shared/domain/finding.ts';
import { ACCOUNT, REGION } from './events.ts';
import { aFinding } from './finding.ts';

const CONTROLS = ['step-isolation', 'pipeline-job-prefix', 'step-role-authorised', 'job-prefix-length'];
const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;

/** This many findings, as in an account with many pipelines: names, evidence and commands all differ. */
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
