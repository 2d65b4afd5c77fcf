import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/pipeline-shared.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { PipelineShare, SharePermission } from '../../../shared/reader/reader.ts';
import { controlCases, verdictsOf } from '../../support/builders/control-cases.ts';
import { aShare, SHARE_ARN as SHARE } from '../../support/builders/share.ts';

const PARTNER = '444455556666';
const UNIT = 'arn:aws:organizations::999988887777:ou/o-acme/ou-1abc-data';
const ORGANIZATION = 'arn:aws:organizations::999988887777:organization/o-acme';

const DENIED = notRead('GetPermission', 'AccessDeniedException', 'not allowed');
const permission = (...actions: string[]): SharePermission => ({
  name: 'arn:aws:ram:eu-west-1:111122223333:permission/own version 3',
  actions: found(actions.map((action) => (action === '*' ? action : `sagemaker:${action}`))),
});
const READ = permission('DescribePipeline', 'ListPipelineExecutions', 'Search');
const RUN = permission('DescribePipeline', 'StartPipelineExecution');

type Case = {
  shares: readonly Partial<PipelineShare>[];
  sharedWith?: NonNullable<Config['sharedWith']>;
};

const principals = (...ids: string[]): PipelineShare['principals'] =>
  ids.map((id) => ({ id, isExternal: !id.includes(':organizations:') }));
const inside = (...ids: string[]): PipelineShare['principals'] =>
  ids.map((id) => ({ id, isExternal: false }));

const given = ({ shares, sharedWith }: Case) => ({
  facts: {
    pipeline: { name: 'fraud-daily', arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-daily' },
    shares: shares.map((share) =>
      aShare({ principals: principals(PARTNER), permissions: found([RUN]), ...share }),
    ),
  },
  ...(sharedWith && { config: { sharedWith } }),
});

describe(control.id, () => {
  controlCases<Case>(control, {
    given,
    passes: {
      'a pipeline that no share holds': { shares: [] },
      'a share without principals': { shares: [{ principals: [] }] },
      'roles and users of the account itself': {
        shares: [{ principals: principals('arn:aws:iam::111122223333:role/analyst', '111122223333') }],
      },
      'an account that sharedWith names': { shares: [{}], sharedWith: [PARTNER] },
      'an account that sharedWith names by its root': {
        shares: [{}],
        sharedWith: [`arn:aws:iam::${PARTNER}:root`],
      },
      'an account that sharedWith names for pipelines of this name, in any case': {
        shares: [{}],
        sharedWith: [{ principals: [PARTNER], pipelines: ['churn', 'FRAUD-*'] }],
      },
      'a role of an account that is named': {
        shares: [{ principals: principals(`arn:aws:iam::${PARTNER}:role/ci`) }],
        sharedWith: [PARTNER],
      },
      'a unit that a pattern names': {
        shares: [{ principals: principals(UNIT) }],
        sharedWith: ['arn:aws:organizations::*:ou/o-acme/*'],
      },
    },
    fails: {
      'an account that may start it, and that nothing names': {
        shares: [{}],
        told: {
          severity: 'HIGH',
          evidence: [
            [SHARE, `${PARTNER} (outside of the organization) may start, stop and retry it, by arn:aws:ram`],
          ],
          expected: 'sharedWith',
          remedy: `Name ${PARTNER} in sharedWith if they are meant. Otherwise ask who uses the pipeline there`,
          isMended: false,
        },
      },
      'an account of the organization that may only retry': {
        shares: [{ principals: inside(PARTNER), permissions: found([permission('RetryPipelineExecution')]) }],
        told: { severity: 'HIGH', evidence: [[SHARE, `${PARTNER} may start, stop and retry it`]] },
      },
      'the whole organization, which may start it': {
        shares: [{ principals: principals(ORGANIZATION) }],
        sharedWith: [UNIT],
        told: { severity: 'HIGH', evidence: [[SHARE, `${ORGANIZATION} may start`]] },
      },
      'an account that is named for other pipelines': {
        shares: [{}],
        sharedWith: [{ principals: [PARTNER], pipelines: ['churn-*'] }],
        told: { severity: 'HIGH', evidence: [[SHARE, PARTNER]] },
      },
      'an account of which only one role is named': {
        shares: [{}],
        sharedWith: [`arn:aws:iam::${PARTNER}:role/ci`],
        told: { severity: 'HIGH', evidence: [[SHARE, PARTNER]] },
      },
      'a service that may start it': {
        shares: [{ principals: principals('scheduler.amazonaws.com') }],
        told: { severity: 'HIGH', evidence: [[SHARE, 'scheduler.amazonaws.com']] },
      },
      'a permission with a condition': {
        shares: [{ permissions: found([{ ...RUN, isConditional: true }]) }],
        told: { severity: 'HIGH', evidence: [[SHARE, 'version 3, under a condition']] },
      },
      'an account that may only read, outside of the organization': {
        shares: [{ permissions: found([READ]) }],
        told: {
          severity: 'MEDIUM',
          evidence: [[SHARE, 'may read it and its executions']],
          remedy: '(DisassociateResourceShare). No command',
        },
      },
      'more than a named account may do': {
        shares: [{ permissions: found([permission('DescribePipeline', 'DeletePipeline')]) }],
        sharedWith: [PARTNER],
        told: {
          severity: 'HIGH',
          evidence: [[SHARE, 'may do more with it']],
          expected: 'no more than to read, start, stop and retry it',
          remedy:
            'Ask who uses the pipeline there, and take them out of the share fraud-pipelines (DisassociateResourceShare) or let it only read',
        },
      },
      'every action by a wildcard': {
        shares: [{ permissions: found([permission('*')]) }],
        sharedWith: [PARTNER],
        told: { severity: 'HIGH', evidence: [[SHARE, 'may do more with it']] },
      },
      'a wildcard that matches more than what reads': {
        shares: [{ permissions: found([permission('D*')]) }],
        sharedWith: [PARTNER],
        told: { severity: 'HIGH', evidence: [[SHARE, 'may do more with it']] },
      },
      'two shares, the worse first, and a permission that was not read beside them': {
        shares: [
          { arn: `${SHARE}-1`, permissions: found([READ]) },
          { arn: `${SHARE}-2`, permissions: found([{ name: 'own', actions: DENIED }]) },
          { arn: `${SHARE}-3` },
        ],
        told: {
          severity: 'HIGH',
          evidence: [
            [`${SHARE}-3`, 'may start'],
            [`${SHARE}-1`, 'may read'],
            [`${SHARE}-2`, 'may do what is not known'],
          ],
        },
      },
    },
    warns: {
      'an account of the organization that may only read': {
        shares: [{ principals: inside(PARTNER), permissions: found([READ]) }],
        told: { severity: 'LOW', evidence: [[SHARE, 'may read it and its executions']] },
      },
    },
    isNotAvailable: {
      'a permission whose content was not read': {
        shares: [
          { permissions: found([READ, { name: 'own', actions: DENIED }]), principals: inside(PARTNER) },
        ],
        told: {
          severity: 'MEDIUM',
          evidence: [
            [SHARE, 'may do what is not known, by own, which was not read: GetPermission: AccessDenied'],
          ],
        },
      },
      'permissions that were not listed, of an account that is named': {
        shares: [{ permissions: notRead('ListResourceSharePermissions', 'AccessDeniedException', 'no') }],
        sharedWith: [PARTNER],
        told: {
          severity: 'MEDIUM',
          evidence: [[SHARE, 'ListResourceSharePermissions: AccessDenied']],
          remedy: 'See what the permission allows (GetPermission). Ask who',
        },
      },
      'a share without any permission': {
        shares: [{ permissions: found([]) }],
        sharedWith: [PARTNER],
        told: { severity: 'MEDIUM', evidence: [[SHARE, 'not known']] },
      },
    },
  });

  test('a share with 500 principals tells them all to whoever counts them', () => {
    const many = Array.from({ length: 500 }, (_, index) => String(200_000_000_000 + index));
    const [verdict] = verdictsOf(control, given({ shares: [{ principals: principals(...many) }] }));
    expect(verdict).toMatchObject({ status: 'FAILED' });
    expect(verdict && 'evidence' in verdict && verdict.evidence).toHaveLength(500);
  });
});
