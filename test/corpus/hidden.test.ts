import { expect, test } from '@jest/globals';
import { readEvents } from '../../shared/events/read-events.ts';
import type { JsonObject } from '../../shared/json/json.ts';
import { hiddenIn } from '../support/builders/hidden.ts';
import { BASE } from './base.ts';
import { cleanAccount } from './clean-account.ts';
import { eventPath } from './event-path.ts';
import { happenings } from './happenings.ts';

const base = cleanAccount(BASE);
const PLACEHOLDER = 'HIDDEN_DUE_TO_SECURITY_REASONS';

const cases = happenings().flatMap(({ name, event }, index) =>
  hiddenIn(event, ['detail', 'requestParameters'], PLACEHOLDER).map(
    ({ place, value }): [string, number, JsonObject] => [
      `${name}, with ${place} hidden`,
      index,
      value as JsonObject,
    ],
  ),
);

test.each(cases)('what CloudTrail hides is no pass and no fault: %s', async (_, index, event) => {
  // Made anew, because each event is handled once.
  const { expects, before, change } = happenings()[index] ?? { expects: [] };
  const path = eventPath();
  const account = structuredClone(base);
  change?.(account);
  if (before) await path.handle(account, [before]);
  // What nobody can read stays in the queue, and is told when it has failed often enough.
  const isRead = readEvents(event, 'event').unreadable.length === 0;
  if (!isRead) return expect(path.handle(account, [event])).rejects.toThrow('would come again');
  await path.handle(account, [event]);
  const findings = [...path.known.values()];
  const told = findings.map(({ control }) => control);
  expect(
    expects.filter((control) => ![control, 'evidence-readable'].some((each) => told.includes(each))),
  ).toEqual([]);
  const texts = findings
    .filter(({ control }) => control !== 'evidence-readable')
    .map(({ evidence, resource, remediation }) => JSON.stringify([evidence, resource, remediation]));
  expect(texts.filter((text) => text.includes(PLACEHOLDER))).toEqual([]);
});
