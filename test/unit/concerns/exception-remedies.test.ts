import { expect, test } from '@jest/globals';
import { exceptionOfRole } from '../../../shared/concerns/exception-remedies.ts';
import { principalFacts, ROLE } from '../../support/builders/principal-facts.ts';

test('who may set the tag of the exception is told beside the command that sets it', () => {
  const { principal } = principalFacts({});
  if (!principal) throw new Error('the facts have no principal');
  const tag = { key: 'json-get', value: 'true' };
  const tagger = 'arn:aws:iam::111122223333:role/platform-admin';
  expect(exceptionOfRole(principal, tag, [tagger]).text).toBe(
    `Put the tag json-get=true onto ${ROLE}, so that the SCP excepts it. Who may set the tag is to run it (${tagger}).`,
  );
  expect(exceptionOfRole(principal, tag).text).toBe(
    `Put the tag json-get=true onto ${ROLE}, so that the SCP excepts it.`,
  );
});
