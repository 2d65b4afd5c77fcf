import { createHash } from 'node:crypto';
import { canonicalText } from '../json/canonical-text.ts';
import type { HistoryRecord } from './records.ts';

/** The id of a record: the same for each repeat of it, and another one for whatever says something else. */
export const recordId = (record: HistoryRecord): string =>
  createHash('sha256').update(canonicalText(record)).digest('hex');
