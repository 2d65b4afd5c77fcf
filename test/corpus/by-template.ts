import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditDeclared } from '../../cli/audit-declared.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import { addressesOf } from '../../shared/declared/addresses.ts';
import { readTemplates } from '../../shared/declared/cloudformation/read-templates.ts';
import { filling } from '../../shared/declared/fill.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { isOpen } from '../../shared/domain/status.ts';
import { templateOfAccount } from '../support/builders/template-of-account.ts';
import { type Account, type Principal, writeSnapshot } from './account.ts';
import { QUIET } from './judge.ts';

/** The findings of an account whose users, roles and buckets are in a template, and the ARNs of what the template declares. */
export type JudgedTemplate = { findings: Finding[]; declared: ReadonlySet<string> };

/**
 * Judges the template that declares what a template can declare of the account. A snapshot beside it holds everything else: the
 * organization, keys, shares and the versions of pipelines.
 */
export const judgeTemplate = async (account: Account): Promise<JudgedTemplate> => {
  const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
  const [whole, rest] = [join(folder, 'whole'), join(folder, 'rest')];
  try {
    await writeSnapshot(account, whole);
    await writeSnapshot(
      { ...account, principals: account.principals.filter(hasPolicyOfAws), buckets: {} },
      rest,
    );
    const text = JSON.stringify(templateOfAccount(whole));
    const { declare } = readTemplates([{ path: 'template.json', text }]);
    const applied = { config: account.config, file: undefined };
    const { judged } = await auditDeclared(
      { snapshot: [rest] },
      declare,
      applied,
      { controls: CONTROLS },
      QUIET,
    );
    const given = new Map([
      ['AWS::AccountId', account.account],
      ['AWS::Region', account.region],
    ]);
    const { resources } = declare(filling({ given, forms: new Map() }, new Map()).fill);
    return {
      findings: judged.findings.filter(({ status }) => isOpen(status)),
      declared: new Set(addressesOf(resources).keys()),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** A principal that has policies of AWS stays in the account, which tells their documents in this way alone. */
const hasPolicyOfAws = ({ managed }: Principal): boolean => managed.some((arn) => arn.includes(':iam::aws:'));
