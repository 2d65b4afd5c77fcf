import type { Config } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { auditAccounts } from './audit-accounts.ts';
import { type AuditInput, type AuditInputOptions, openAuditInput } from './audit-input.ts';
import { type AppliedConfig, configOfAccount } from './config.ts';
import type { Progress } from './progress.ts';
import type { JudgedRun } from './run-results.ts';
import { OF_ACCOUNT, type Selection, type SelectionOptions, selectionOf } from './selection.ts';

/** An audit of what its options name. `own`: what of the configuration its only account is judged by. */
export type AuditRun = { input: AuditInput; judged: JudgedRun; selection: Selection; own?: Config };

/**
 * Opens what the options name, and audits it. With `all`, passed verdicts are findings too.
 * @throws {UsageError} if it cannot be read, or the options do not fit it.
 */
export const auditRun = async (
  options: AuditInputOptions & SelectionOptions & { all?: boolean },
  applied: AppliedConfig,
  progress: Progress,
): Promise<AuditRun> => {
  const startedAt = new Date();
  const input = await openAuditInput(options, applied.config.organization, progress);
  const { accounts, caller } = input;
  const [only, ...others] = accounts;
  const own = only && others.length === 0 ? await configOfAccount(applied, only.readers[0]) : undefined;
  const ofRun = { ...OF_ACCOUNT, ...(own && { own: own.config }) };
  const selection = selectionOf(options, CONTROLS, applied.config, ofRun);
  // Passes that are only counted cannot be told apart.
  const all = (options.all ?? false) || selection.texts.length > 0;
  const audited = await auditAccounts(input, applied, progress, { all, controls: selection.controls });
  const by = { command: 'audit' as const, startedAt, ...(caller !== undefined && { caller }) };
  return { input, judged: { ...audited, by }, selection, ...(own && { own: own.config }) };
};
