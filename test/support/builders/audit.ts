import { type AuditContext, auditResource } from '../../../shared/audit/audit-resource.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import type { Control } from '../../../shared/judging/control.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import type { AuditRequest, ExecutionStart } from '../../../shared/requests/audit-request.ts';
import { step } from './control-cases.ts';
import { type Account, memoryReader } from './memory-reader.ts';

export const PIPELINE_ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
export const EXECUTION_ARN = `${PIPELINE_ARN}/execution/a1b2c3d4e5f6`;
export const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
export const TRIGGER = { eventId: 'e-1', eventName: 'UpdatePipeline', eventTime: '2026-11-24T09:00:00Z' };
const CONFIG: Config = {
  version: 1,
  prefixes: [{ prefix: 'fraud-train' }],
  roles: { steps: [role('steps/*')], execution: [role('pipelines/*')] },
};

/** A configuration with every list that controls need. */
export const LISTS: Config = {
  ...CONFIG,
  roles: { ...CONFIG.roles, creators: [role('data-scientist')] },
  versionFloors: [{ pipeline: 'release-*', minimum: 6 }],
  scpException: { tagKey: 'pipelines-json-get', tagValue: 'true', taggers: [] },
};

export const training = (name: string, args: object = {}) =>
  step(name, 'Training', { TrainingJobName: 'fraud-train', RoleArn: role('steps/train'), ...args });
export const pipelineOf = (steps: unknown[], parameters: unknown[] = []): Account => ({
  pipelines: {
    fraud: {
      name: 'fraud',
      arn: PIPELINE_ARN,
      roleArn: role('pipelines/fraud'),
      definitionText: JSON.stringify({ Version: '2020-12-01', Parameters: parameters, Steps: steps }),
    },
  },
});

export const pipelineRequest = (...executions: ExecutionStart[]): AuditRequest => ({
  type: 'pipeline',
  resource: { type: 'pipeline', arn: PIPELINE_ARN },
  name: 'fraud',
  changed: ['definition'],
  executions,
  deleted: false,
  trigger: TRIGGER,
});

export type Options = { config?: Partial<Config>; controls?: readonly Control[]; now?: string };

export const contextOf = (
  account: Account,
  refused: Parameters<typeof memoryReader>[1] = [],
  { config, controls = CONTROLS, now = '2026-11-24T10:00:00.000Z' }: Options = {},
): { context: AuditContext; calls: string[] } => {
  const { reader, calls } = memoryReader(
    { identities: { RoleDetailList: [] }, organization: NO_ORGANIZATION, listing: [], ...account },
    refused,
  );
  const merged = { ...CONFIG, ...config };
  return {
    calls,
    context: {
      reader,
      controls,
      config: merged,
      now: () => new Date(now),
      recallExecution: async () => undefined,
      evidence: accountEvidence(reader, merged),
    },
  };
};

export const audit = async (
  request: AuditRequest,
  ...about: Parameters<typeof contextOf>
): Promise<Finding[]> => {
  const { observations } = await auditResource(request, contextOf(...about).context);
  return observations.flatMap(({ findings }) => findings);
};

export const told = (findings: readonly Finding[]) =>
  findings.map(({ control, status, subject }) => [
    control,
    status,
    ...(subject === undefined ? [] : [subject]),
  ]);
export const open = (findings: readonly Finding[]) =>
  findings.filter(({ status }) => status !== 'PASSED' && status !== 'NOT_APPLICABLE');
