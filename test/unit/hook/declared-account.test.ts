import { describe, expect, test } from '@jest/globals';
import { contextsOf } from '../../../shared/audit/account-contexts.ts';
import { auditAll } from '../../../shared/audit/audit-all.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { addressesOf } from '../../../shared/declared/addresses.ts';
import { readTemplates } from '../../../shared/declared/cloudformation/read-templates.ts';
import type { DeclaredResource } from '../../../shared/declared/declared.ts';
import { declaredReader } from '../../../shared/declared/declared-reader.ts';
import { filling } from '../../../shared/declared/fill.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { isOpen } from '../../../shared/domain/status.ts';
import { accountEvidence, readAsked } from '../../../shared/facts/account-evidence.ts';
import { type Json, type JsonObject, member } from '../../../shared/json/json.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import {
  bucketRequest,
  pipelineRequest,
  principalRequest,
} from '../../../shared/requests/resource-requests.ts';
import { accountOf, type HookAccount, judgingAccount } from '../../support/builders/hook-account.ts';
import { sampleAccounts } from '../../support/builders/sample-accounts.ts';
import { templateOfAccount } from '../../support/builders/template-of-account.ts';

const NOW = () => new Date('2026-11-24T10:00:00.000Z');

const declaredBy = (template: JsonObject, { scope }: Reader): readonly DeclaredResource[] => {
  const { account, region } = scope;
  const text = JSON.stringify(template);
  const { declare } = readTemplates([{ path: 'template', text, stack: { name: 'ml', account, region } }]);
  return declare(filling({ given: new Map(), forms: new Map() }, new Map()).fill).resources;
};

const judgedByHook = async (
  account: HookAccount,
  resources: readonly DeclaredResource[],
  earlier?: readonly DeclaredResource[],
): Promise<Finding[]> => (await judgingAccount(account)).judge({ resources, ...(earlier && { earlier }) });

/** The same without an index, from a listing of the account. */
const judgedByListing = async (
  { reader: base, config }: HookAccount,
  resources: readonly DeclaredResource[],
  earlier?: readonly DeclaredResource[],
): Promise<Finding[]> => {
  const reader = declaredReader(base, resources, [], earlier);
  const contextOf = contextsOf([reader], {
    config,
    evidence: accountEvidence(reader, config),
    now: NOW,
    controls: CONTROLS,
    countsPasses: true,
    recallExecution: async () => undefined,
  });
  const because = { trigger: undefined, changed: ['uses'] } as const;
  return auditAll(
    resources.flatMap((each): AuditRequest[] => {
      if (each.type === 'role' || each.type === 'user') return principalRequest(each.arn, because);
      if (each.type === 'pipeline') return [pipelineRequest(each.name, each.scope)];
      return each.type === 'bucket' ? [bucketRequest(each.name, reader)] : [];
    }),
    contextOf,
  );
};

const told = (findings: readonly Finding[], resources: readonly DeclaredResource[]): string[] => {
  const declared = addressesOf(resources);
  return findings
    .filter(({ resource, status }) => declared.has(resource.arn.toLowerCase()) && isOpen(status))
    .map(({ control, resource, subject, status, evidence }) =>
      JSON.stringify([control, resource.arn, subject ?? '', status, evidence]),
    )
    .toSorted();
};

describe('an index with what is declared over it tells the same as a listing of the account', () => {
  test.each(sampleAccounts())('%s, deployed again as a whole', async (_, folder, file) => {
    const account = await accountOf(folder, file);
    const resources = declaredBy(templateOfAccount(folder), account.reader);
    expect(resources.length).toBeGreaterThan(0);
    const listed = told(await judgedByListing(account, resources), resources);
    expect(listed).not.toEqual([]);
    expect(told(await judgedByHook(account, resources), resources)).toEqual(listed);
  });

  test.each(sampleAccounts())('%s, with some of its resources changed', async (_, folder, file) => {
    const account = await accountOf(folder, file);
    const { Resources } = templateOfAccount(folder);
    const all = Object.entries(Resources as JsonObject);
    for (const type of ['AWS::IAM::Role', 'AWS::SageMaker::Pipeline', 'AWS::S3::Bucket']) {
      const some = all.filter(([, each]) => member(each, 'Type') === type).slice(0, 2);
      const resources = declaredBy({ Resources: Object.fromEntries(some.map(changed)) }, account.reader);
      expect(resources.length).toBe(some.length);
      expect(told(await judgedByHook(account, resources), resources)).toEqual(
        told(await judgedByListing(account, resources), resources),
      );
    }
  });
});

/** What is told without the words of the evidence. */
const toldBriefly = (findings: readonly Finding[], resources: readonly DeclaredResource[]): string[] =>
  told(findings, resources).map((each) => {
    const [control, arn, subject, status, evidence] = JSON.parse(each) as [...string[], { at: string }[]];
    return JSON.stringify([
      control,
      arn,
      subject,
      status,
      (evidence as { at: string }[]).map(({ at }) => at),
    ]);
  });

describe('what is declared no more', () => {
  test.each(sampleAccounts())(
    '%s, of which a template declares less than before, is judged as from a listing without it',
    async (_, folder, file) => {
      const account = await accountOf(folder, file);
      const whole = templateOfAccount(folder);
      const earlier = declaredBy(whole, account.reader);
      const all = Object.entries(whole.Resources as JsonObject);
      for (const left of [0, 1, 2]) {
        const some = all
          .filter((_each, index) => index % 3 !== left)
          .map((each, index) => (index % 2 ? changed(each) : each));
        const resources = declaredBy({ Resources: Object.fromEntries(some) }, account.reader);
        const listed = toldBriefly(await judgedByListing(account, resources, earlier), resources);
        expect(toldBriefly(await judgedByHook(account, resources, earlier), resources)).toEqual(listed);
      }
    },
  );

  test('what nobody has declared stays with a role', async () => {
    let differing = 0;
    for (const [, folder, file] of sampleAccounts()) {
      const account = await accountOf(folder, file);
      const { Resources } = templateOfAccount(folder);
      const bare = Object.entries(Resources as JsonObject)
        .filter(([, each]) => member(each, 'Type') === 'AWS::IAM::Role')
        .slice(0, 3)
        .map(changed);
      const resources = declaredBy({ Resources: Object.fromEntries(bare) }, account.reader);
      const listed = told(await judgedByListing(account, resources, resources), resources);
      expect(told(await judgedByHook(account, resources, resources), resources)).toEqual(listed);
      if (JSON.stringify(listed) !== JSON.stringify(told(await judgedByHook(account, resources), resources)))
        differing++;
    }
    expect(differing).toBeGreaterThan(1);
  });
});

/** A resource that loses what it was allowed, its tags and its CORS rules. */
const changed = ([id, resource]: [string, Json]): [string, Json] => {
  const {
    Policies: _,
    ManagedPolicyArns: __,
    Tags: ___,
    CorsConfiguration: ____,
    ...properties
  } = (member(resource, 'Properties') ?? {}) as JsonObject;
  return [id, { Type: member(resource, 'Type') ?? '', Properties: properties }];
};

describe('what changes for others', () => {
  const [[, folder = '', file = ''] = []] = sampleAccounts();
  const pipelineWith = (name: string, role: string): JsonObject => ({
    Resources: {
      New: {
        Type: 'AWS::SageMaker::Pipeline',
        Properties: {
          PipelineName: name,
          RoleArn: role,
          PipelineDefinition: {
            PipelineDefinitionBody: {
              Version: '2020-12-01',
              Steps: [{ Name: 'Train', Type: 'Training', Arguments: { TrainingJobName: 'never-allowed' } }],
            },
          },
        },
      },
    },
  });

  test('a role of the account that may not pass itself to the jobs of a new pipeline is told; faults that it had before are not', async () => {
    const account = await accountOf(folder, file);
    const before = await judgedByListing(account, declaredBy(templateOfAccount(folder), account.reader));
    const [pipeline] = (await readAsked(account.reader, account.config)).asked;
    const use = pipeline?.asked;
    if (!use || 'why' in use) throw new Error('no pipeline');
    const role = use.roles[0]?.roleArn ?? '';
    const findings = await judgedByHook(account, declaredBy(pipelineWith('new-one', role), account.reader));
    const ofRole = findings.filter(({ resource }) => resource.arn === role);
    expect(ofRole.map(({ control }) => control)).toContain('execution-role-passes-step-roles');
    const known = new Set(before.map(({ id, status }) => `${status} ${id}`));
    expect(ofRole.filter(({ id, status }) => known.has(`${status} ${id}`))).toEqual([]);
  });

  test('a policy that a template gives to a role of the account is judged with the role', async () => {
    const account = await accountOf(folder, file);
    const uses = (await readAsked(account.reader, account.config)).asked.flatMap(({ asked }) =>
      'why' in asked ? [] : asked.roles.map(({ roleArn }) => roleArn),
    );
    const [role = ''] = uses;
    const template = {
      Resources: {
        Wide: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            PolicyName: 'wide',
            Roles: [role.slice(role.lastIndexOf('/') + 1)],
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
            },
          },
        },
      },
    };
    const findings = await judgedByHook(account, declaredBy(template, account.reader));
    expect(
      findings
        .filter(({ status }) => status === 'FAILED')
        .map(({ control, resource }) => [control, resource.arn]),
    ).toContainEqual(['execution-role-administrator', role]);
  });

  test('a user of the account who comes into a group that a template makes is judged with what the group allows', async () => {
    const { details, ...account } = await accountOf(folder, file);
    const user = {
      UserName: 'mia',
      UserId: 'AIDAEXAMPLEMIA',
      Path: '/',
      Arn: `arn:aws:iam::${account.reader.scope.account}:user/mia`,
      GroupList: [],
      UserPolicyList: [],
      AttachedManagedPolicies: [],
    };
    const template = {
      Resources: {
        Wide: {
          Type: 'AWS::IAM::Group',
          Properties: {
            GroupName: 'wide',
            Policies: [
              {
                PolicyName: 'all',
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: [{ Effect: 'Allow', Action: ['iam:PassRole', 'sagemaker:*'], Resource: '*' }],
                },
              },
            ],
          },
        },
        Joins: {
          Type: 'AWS::IAM::UserToGroupAddition',
          Properties: { GroupName: 'wide', Users: ['mia'] },
          DependsOn: 'Wide',
        },
      },
    };
    const withUser = { ...account, details: { ...(details as JsonObject), UserDetailList: [user] } };
    const findings = await judgedByHook(withUser, declaredBy(template, account.reader));
    expect(
      findings
        .filter(({ status, resource }) => status === 'FAILED' && resource.arn === user.Arn)
        .map(({ control }) => control),
    ).toContain('pass-role-scoped');
  });
});
