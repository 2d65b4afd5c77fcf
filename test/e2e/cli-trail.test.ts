import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, cloudTrail, roleArn, sagemakerArn, session } from '../support/builders/events.ts';
import { CLEAN, type Files, inFolder, ROLES, resultsOf, roleDetails, run } from '../support/commands/cli.ts';

/** A role that may start every version of the pipelines with a floor, so that a remedy would deny the old versions. */
const STARTER = roleDetails('data-scientist', {
  Effect: 'Allow',
  Action: 'sagemaker:StartPipelineExecution',
  Resource: sagemakerArn('pipeline/release-*'),
});

const SNAPSHOT: Files = {
  ...CLEAN,
  'account/iam/account-authorization-details.json': {
    RoleDetailList: [...ROLES, STARTER],
    UserDetailList: [],
  },
};

const start = (pipelineVersionId: number, fields: Record<string, unknown> = {}) =>
  cloudTrail(
    'StartPipelineExecution',
    { pipelineName: 'release-daily', pipelineVersionId },
    { eventTime: '2026-11-20T10:00:00Z', ...fields },
  );

const log = (...records: unknown[]) => gzipSync(JSON.stringify({ Records: records }));

const remedyWith = async (files: Files, ...more: string[]) => {
  const result = await inFolder({ ...SNAPSHOT, ...files }, (cwd) =>
    run(['audit', '--snapshot', 'account', '--format', 'json', '--quiet', ...more], { cwd }),
  );
  const { findings } = resultsOf(result);
  const about = findings.find(
    ({ control, resource }) =>
      control === 'version-floor-enforced' && resource.arn === roleArn('data-scientist'),
  );
  return { remedy: about?.remediation, findings, status: result.status };
};

describe('a remedy of a snapshot', () => {
  test('without records has a command, and says nothing of records', async () => {
    const { remedy } = await remedyWith({});
    expect(remedy?.patch).toContain('aws iam put-role-policy --role-name data-scientist');
    expect(remedy?.changes).not.toContain('CloudTrail');
  });

  test('whose records show no use that it would end says which records they are', async () => {
    const { remedy } = await remedyWith({
      'account/cloudtrail/events/2026/11/20/log.json.gz': log(
        start(6),
        start(5, { errorCode: 'AccessDenied' }),
        start(5, {
          userIdentity: {
            ...session('steps/other', 'data-scientist'),
            sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::444455556666:role/data-scientist' } },
          },
        }),
        start(5, {
          userIdentity: {
            ...session('steps/other', 'x'),
            arn: `arn:aws:sts::${ACCOUNT}:assumed-role/data-scientist/x`,
          },
        }),
      ),
    });
    expect(remedy?.patch).toContain('put-role-policy');
    expect(remedy?.changes).toMatch(
      /CloudTrail shows no use of what it takes away, in 4 records from 2026-11-20 to 2026-11-20\.$/,
    );
  });

  test('whose records show a use that it would end has no command, and names the use', async () => {
    const { remedy } = await remedyWith({
      'account/cloudtrail/events/trail.jsonl': [start(5), start(5)]
        .map((each) => JSON.stringify(each))
        .join('\n'),
    });
    expect(remedy).not.toHaveProperty('patch');
    expect(remedy?.text).toContain(
      `what CloudTrail shows in use: sagemaker:StartPipelineExecution on ${sagemakerArn('pipeline/release-daily')} (2 times, last at 2026-11-20T10:00:00Z).`,
    );
  });

  test('with a broken file of records has no command, and the file is a finding', async () => {
    const { remedy, findings, status } = await remedyWith({
      'account/cloudtrail/events/a.json': { Records: [start(6)] },
      'account/cloudtrail/events/b.json': '{"Records": [',
    });
    expect(remedy).not.toHaveProperty('patch');
    expect(remedy?.text).toContain('not all could be read');
    expect(findings.filter(({ control }) => control === 'evidence-readable')).toMatchObject([
      {
        status: 'NOT_AVAILABLE',
        resource: { type: 'event' },
        evidence: [{ found: expect.stringContaining('b.json') }],
      },
    ]);
    expect(status).not.toBe(0);
  });

  test('of an audit of events takes the events as records as well', async () => {
    const { remedy } = await remedyWith(
      {
        'events.json': {
          Records: [
            start(5),
            cloudTrail('PutRolePolicy', { roleName: 'data-scientist' }, { eventSource: 'iam.amazonaws.com' }),
          ],
        },
      },
      '--events',
      'events.json',
    );
    expect(remedy).not.toHaveProperty('patch');
    expect(remedy?.text).toContain('what CloudTrail shows in use');
  });
});
