import { expect, test } from '@jest/globals';
import type { Finding } from '../../shared/domain/finding.ts';
import { BASE } from './base.ts';
import { judgeTemplate } from './by-template.ts';
import { cleanAccount } from './clean-account.ts';
import { judge } from './judge.ts';
import { type Mutation, mutations } from './mutations.ts';

const base = cleanAccount(BASE);

const said = ({ control, status, severity, resource, subject }: Finding): string =>
  [control, status, severity, resource.arn, subject].join(' ');

test('a template of a clean account has no findings', async () => {
  expect((await judgeTemplate(base)).findings).toEqual([]);
});

/** Mutations of the account itself, and not of the files of a snapshot, which no template has. */
const ofAccounts = mutations(base).filter(({ files }) => !files);

test.each(ofAccounts.map((mutation): [string, Mutation] => [mutation.name, mutation]))(
  'a template is judged as the deployed account: %s',
  async (_, { change }) => {
    const account = structuredClone(base);
    change(account);
    const { findings, declared } = await judgeTemplate(account);
    const deployed = await judge(account);
    // SageMaker refuses what this control tells, so that no deployed pipeline has it.
    const isDeclared = ({ control, resource }: Finding) =>
      control !== 'definition-valid' && declared.has(resource.arn.toLowerCase());
    expect(findings.filter(isDeclared).map(said).toSorted()).toEqual(
      deployed.filter(isDeclared).map(said).toSorted(),
    );
  },
);
