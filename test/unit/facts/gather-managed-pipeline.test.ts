import { describe, expect, test } from '@jest/globals';
import { readEvents } from '../../../shared/events/read-events.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { gather } from '../../../shared/facts/gather.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const NOW = new Date('2026-11-24T09:00:00Z');

const TUNE = 'arn:aws:sagemaker:eu-west-1:aws:pipeline/tune';
const EXECUTION = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/tune/execution/a1b2c3d4e5f6';
const ADMIN = 'arn:aws:iam::111122223333:role/admin';
const MAYA = 'arn:aws:iam::111122223333:user/maya';

const record = (request: object | null, response: object | null = { pipelineExecutionArn: EXECUTION }) => ({
  eventVersion: '1.11',
  userIdentity: { type: 'IAMUser', arn: MAYA, accountId: '111122223333' },
  eventTime: '2026-11-24T09:00:00Z',
  eventSource: 'sagemaker.amazonaws.com',
  eventName: 'StartPipelineExecution',
  awsRegion: 'eu-west-1',
  requestParameters: request,
  responseElements: response,
  eventID: 'e-1',
  recipientAccountId: '111122223333',
});

const look = async (event: object, account: Account = {}) => {
  const { requests } = readEvents(event as never, 'event');
  expect(requests).toHaveLength(1);
  const { reader, calls } = memoryReader({ identities: { RoleDetailList: [] }, pipelines: {}, ...account });
  const config = { version: 1 } as const;
  const gathered = await gather(requests[0] as AuditRequest, {
    reader,
    config,
    recallExecution: async () => undefined,
    evidence: accountEvidence(reader, config),
    now: () => NOW,
  });
  return { gathered, calls };
};

describe('a pipeline of AWS itself', () => {
  test('is judged by the role that its start names, and leads to that role', async () => {
    const { gathered, calls } = await look(record({ pipelineName: TUNE, roleArn: ADMIN }));
    expect(calls).toEqual([]);
    expect(gathered).toMatchObject({
      arn: TUNE,
      gone: false,
      facts: { pipeline: { notApplicable: expect.stringContaining('of AWS itself') } },
      follow: [{ type: 'role', resource: { arn: ADMIN }, changed: ['uses'] }],
      executions: [
        {
          arn: EXECUTION,
          facts: {
            startRole: {
              value: {
                pipelineArn: TUNE,
                roleArn: ADMIN,
                toldBy: 'StartPipelineExecution',
                principalArn: MAYA,
              },
            },
            definition: { notApplicable: expect.stringContaining('of AWS itself') },
            gaps: { value: [] },
          },
        },
      ],
    });
  });

  test('is judged by the role that AWS tells, where its event tells none', async () => {
    const described = { executionArn: EXECUTION, roleArn: ADMIN, parameters: {} };
    const { gathered } = await look(record({ pipelineName: TUNE }), {
      executionFacts: { [EXECUTION]: described },
    });
    expect(gathered.executions[0]?.facts.startRole).toMatchObject({
      value: { roleArn: ADMIN, toldBy: 'DescribePipelineExecution' },
    });
    expect(gathered.follow).toMatchObject([{ resource: { arn: ADMIN } }]);
  });

  test('has a gap where nobody tells the role', async () => {
    const described = { executionArn: EXECUTION, parameters: {} };
    const { gathered } = await look(record({ pipelineName: TUNE }), {
      executionFacts: { [EXECUTION]: described },
    });
    const unread = { call: 'DescribePipelineExecution', code: 'Incomplete' };
    expect(gathered.executions).toMatchObject([
      { facts: { startRole: { ok: false, unread }, gaps: { value: [unread] } } },
    ]);
    expect(gathered.follow).toEqual([]);
  });

  test('has a gap where its event names neither the role nor the execution', async () => {
    const { gathered } = await look(record({ pipelineName: TUNE }, null));
    expect(gathered.executions).toMatchObject([
      { facts: { startRole: { ok: false, unread: { code: 'NotNamed' } } } },
    ]);
  });
});

test('a start of a pipeline of the account has no chosen role', async () => {
  const own = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/tune';
  const { gathered } = await look(record({ pipelineName: own, roleArn: ADMIN }));
  for (const { facts } of gathered.executions)
    expect(facts.startRole).toEqual({ ok: false, notApplicable: 'its pipeline has a role of its own' });
  expect(gathered.executions).toHaveLength(1);
});
