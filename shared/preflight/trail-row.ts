import { DEFAULT_CONFIG } from '../config/schema.ts';
import { control } from '../controls/trail-logging.ts';
import type { Scope } from '../domain/scope.ts';
import { trailFacts } from '../facts/gather-account.ts';
import { evaluate } from '../judging/evaluate.ts';
import type { Read } from '../reader/read-result.ts';
import type { ListedTrails } from '../reader/reader.ts';
import { listed } from '../text/listed.ts';
import { ok, type PreflightRow } from './preflight-row.ts';

/** Whether the events from which audits start will arrive, by the control that judges the same afterwards. */
export const trailRow = (scope: Scope, trails: Read<ListedTrails>): PreflightRow => {
  const place = { about: 'CloudTrail', region: scope.region };
  const [first] = evaluate([control], 'account', trailFacts(scope, trails), DEFAULT_CONFIG);
  const verdict = first?.verdict;
  if (verdict?.status === 'PASSED') return ok(place, 'a trail logs the events from which audits start');
  if (!verdict || !('evidence' in verdict))
    return { ...place, status: 'NOT_TOLD', found: 'the trails were not judged' };
  return {
    ...place,
    status: verdict.status === 'FAILED' ? 'WILL_BE_MISSING' : 'NOT_TOLD',
    found: listed([...new Set(verdict.evidence.map(({ at, found }) => `${at}: ${found}`))], 3),
    todo: `${verdict.remediation.text} Without these events only sweeps find what has changed.`,
  };
};
