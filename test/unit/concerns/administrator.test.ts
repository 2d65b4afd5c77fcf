import { expect, test } from '@jest/globals';
import { administratorFailed } from '../../../shared/concerns/administrator.ts';
import { NO_RECORDS } from '../../../shared/events/recorded-uses.ts';
import { noUses } from '../../../shared/needs/roster.ts';
import { principalFacts } from '../../support/builders/principal-facts.ts';

const USER = 'arn:aws:iam::111122223333:user/ci';

const verdictFor = (of: Parameters<typeof administratorFailed>[2]) => {
  const { principal } = principalFacts({
    arn: USER,
    allow: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  });
  if (principal?.administrator.answer !== 'yes') throw new Error('no administrator');
  return administratorFailed(
    { principal, uses: noUses(USER), recorded: NO_RECORDS },
    principal.administrator,
    of,
  );
};

test('an administrator that makes pipelines is told what making them needs, and not as a role of pipelines', () => {
  expect(verdictFor('creators')).toMatchObject({
    severity: 'CRITICAL',
    evidence: [
      { expected: 'no administrator among those who make pipelines, where the configuration names them' },
    ],
    remediation: { text: expect.stringContaining('pipewarden generate execution-role FILE --for creator') },
  });
});

test('an administrator under which pipelines run is told what they need', () => {
  expect(verdictFor('pipelines')).toMatchObject({
    evidence: [{ expected: 'no administrator among the roles of pipelines' }],
    remediation: { text: expect.stringContaining('pipewarden generate execution-role FILE)') },
  });
});
