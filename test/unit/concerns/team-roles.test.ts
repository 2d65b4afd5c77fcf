import { describe, expect, test } from '@jest/globals';
import { rolesAmong } from '../../../shared/concerns/service-trust.ts';
import { rolesOfTeam, teamRolesText } from '../../../shared/concerns/team-roles.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { step } from '../../support/builders/control-cases.ts';
import { principalFacts, trusting } from '../../support/builders/principal-facts.ts';

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const LISTED = ['fraud', 'vision', 'both', 'spare', 'vision-spare', 'nobody'].map(role);
const of = (roleArn: string, ...names: string[]) => ({
  roleArn: role(roleArn),
  steps: names.map((name) => step(name, 'Training', { RoleArn: role(name) })),
});
const PIPELINES = { 'fraud-daily': of('fraud', 'both'), 'vision-daily': of('vision', 'both') };

/** What is left of the authorised roles for a principal, under prefixes that bind roles to pipelines. */
const left = (
  arn: string,
  {
    listed = LISTED,
    pipelines = PIPELINES,
    unread = [],
    config = {},
  }: {
    listed?: string[];
    pipelines?: Parameters<typeof principalFacts>[0]['pipelines'];
    unread?: string[];
    config?: Partial<Config>;
  } = {},
) => {
  const facts = principalFacts({
    arn,
    ...(pipelines && { pipelines }),
    others: Object.fromEntries(LISTED.map((each) => [each, { trust: trusting('sagemaker.amazonaws.com') }])),
  });
  const { principal, uses, roster, principals } = facts;
  if (!principal || !uses || !roster || !principals) throw new Error('no facts');
  const all = { ...roster, unread: unread.map((name) => ({ name, why: 'AccessDenied' })) };
  return rolesOfTeam(listed, { principal, uses, roster: all, roles: rolesAmong(principals) }, {
    version: 1,
    prefixes: [
      { prefix: 'fraud', roles: [role('fraud*')], pipelines: ['fraud-*'] },
      { prefix: 'vision', roles: [role('vision*')], pipelines: ['vision-*'] },
    ],
    ...config,
  } as Config);
};

describe('the authorised roles, for a principal', () => {
  test('of a team are without those that other teams alone use or are named with', () => {
    expect(left(role('fraud-ci'))).toEqual({
      patterns: ['fraud', 'both', 'spare', 'nobody'].map(role),
      except: [],
      unread: [],
    });
  });

  test('of no team are all of them', () => {
    expect(left(role('ops')).patterns).toEqual(LISTED);
  });

  test('that makes pipelines of all teams, beside those of its own, are all of them', () => {
    const config = { roles: { creators: [role('fraud-ci')] } };
    expect(left(role('fraud-ci'), { config }).patterns).toEqual(LISTED);
  });

  test('keep a role that a pipeline of no team uses too', () => {
    const pipelines = { ...PIPELINES, churn: of('vision') };
    expect(left(role('fraud-ci'), { pipelines }).patterns).toContain(role('vision'));
  });

  test('keep the roles of a pipeline that runs under the principal itself, whoever’s it is', () => {
    const pipelines = { 'vision-daily': of('fraud-run', 'vision') };
    expect(left(role('fraud-run'), { pipelines }).patterns).toContain(role('vision'));
  });

  test('keep a pattern that other roles need, except for those of other teams', () => {
    const found = left(role('fraud-ci'), { listed: [role('*')] });
    expect(found).toEqual({
      patterns: [role('*')],
      except: [role('vision'), role('vision-spare')],
      unread: [],
    });
    expect(teamRolesText(found)).toBe(`${role('*')} except ${role('vision')}, ${role('vision-spare')}`);
  });

  test('lose a pattern that matches roles of other teams alone, and keep one that matches none yet', () => {
    expect(left(role('fraud-ci'), { listed: [role('vision*'), role('new/*')] }).patterns).toEqual([
      role('new/*'),
    ]);
  });

  test('tell of pipelines that cannot be read and may need what is left out, which another team’s does not', () => {
    const unread = ['fraud-weekly', 'churn', 'vision-weekly'];
    expect(left(role('fraud-ci'), { unread }).unread).toEqual(['fraud-weekly', 'churn']);
    expect(left(role('fraud-ci'), { unread, listed: [role('fraud')] }).unread).toEqual([]);
  });
});
