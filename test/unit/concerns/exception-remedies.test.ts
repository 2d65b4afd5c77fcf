import { expect, test } from '@jest/globals';
import { exceptionOfRole } from '../../../shared/concerns/exception-remedies.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { Json } from '../../../shared/json/json.ts';
import { principalFacts, ROLE } from '../../support/builders/principal-facts.ts';

const TAG = { key: 'json-get', value: 'true' };
const TAGGER = 'arn:aws:iam::111122223333:role/platform-admin';

const adviceFor = (config: Partial<Config> = {}, trust?: Json) => {
  const { principal } = principalFacts(trust === undefined ? {} : { trust });
  if (!principal) throw new Error('the facts have no principal');
  return exceptionOfRole(principal, TAG, { version: 1, ...config });
};
const trusting = (...Principal: Json[]): Json => ({
  Version: '2012-10-17',
  Statement: [{ Service: 'sagemaker.amazonaws.com' }, ...Principal].map((each) => ({
    Effect: 'Allow',
    Principal: each,
    Action: 'sts:AssumeRole',
  })),
});

test('who may set the tag of the exception is told beside the command that sets it', () => {
  const put = `Put the tag json-get=true onto ${ROLE}, so that the SCP excepts it.`;
  const scpException = { tagKey: 'json-get', tagValue: 'true', taggers: [TAGGER] };
  expect(adviceFor({ scpException }).text).toBe(`${put} Who may set the tag is to run it (${TAGGER}).`);
  expect(adviceFor()).toMatchObject({ text: put, patch: expect.stringContaining('aws iam tag-role') });
});

test.each<[string, Json, string]>([
  ['a user', { AWS: 'arn:aws:iam::111122223333:user/ana' }, 'arn:aws:iam::111122223333:user/ana'],
  ['the whole account', { AWS: '111122223333' }, '111122223333'],
  [
    'whoever signs in by a provider',
    { Federated: 'arn:aws:iam::111122223333:saml-provider/acme' },
    'arn:aws:iam::111122223333:saml-provider/acme',
  ],
])(
  'where the trust policy lets in %s, the tag would free them too, so that no command is given',
  (_, by, who) => {
    const advice = adviceFor({}, trusting(by));
    expect(advice).not.toHaveProperty('patch');
    expect(advice.text).toContain(`Its trust policy lets ${who} work under ${ROLE} as well`);
    expect(advice.text).toContain('Give the pipelines an execution role of their own');
  },
);

test('services alone in the trust policy are nobody else', () => {
  expect(adviceFor({}, trusting({ Service: 'lambda.amazonaws.com' }))).toHaveProperty('patch');
});

test('a role of roles.creators is people’s as well: a role of its own is advised before the command', () => {
  const { text, plain } = adviceFor({ roles: { creators: [ROLE.replace('fraud', '*')] } });
  expect(text).toMatch(
    /names .* in roles\.creators.*Give the pipelines an execution role of their own.*The command tags .* itself/,
  );
  expect(plain).not.toContain('The command');
});
