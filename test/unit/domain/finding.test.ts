import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findingId } from '../../../shared/domain/finding.ts';

const about = {
  control: 'step-role-authorised',
  scope: { partition: 'aws', account: '111122223333', region: 'eu-west-1' },
  resourceArn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud',
  subject: 'Train',
};

describe('findingId', () => {
  test('never changes: Security Hub would take another id for another finding', () => {
    expect(findingId(about)).toBe(
      'pipewarden/step-role-authorised/8fd6ac97422ef1e43b60bfefdc27bbdaef5f99a30eca90ede2beb7c96e478b1b',
    );
  });

  test('does not depend on the case of the ARN', () => {
    expect(findingId({ ...about, resourceArn: about.resourceArn.toUpperCase() })).toBe(findingId(about));
  });

  test.each([
    'arn:aws:iam::111122223333:role/ml/train',
    'arn:aws:s3:::acme-images',
    'arn:aws:organizations::111122223333:organization/o-abc123',
  ])('is the same in all Regions for %s', (resourceArn) => {
    const inRegion = (region: string) =>
      findingId({ ...about, resourceArn, scope: { ...about.scope, region } });
    expect(inRegion('eu-west-1')).toBe(inRegion('us-east-1'));
    expect(inRegion('eu-west-1')).not.toBe(
      findingId({ ...about, resourceArn, scope: { ...about.scope, account: '444455556666' } }),
    );
  });

  test('no subject is not an empty subject', () => {
    expect(findingId({ ...about, subject: undefined })).not.toBe(findingId({ ...about, subject: '' }));
  });

  test('differs whenever a part differs, wherever the texts are cut', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '|', '"', ',', '/'), maxLength: 3 });
    const parts = fc.tuple(part, part, part, part, fc.option(part, { nil: undefined }));
    const idOf = ([partition, account, region, resourceArn, subject]: (string | undefined)[]): string =>
      findingId({
        control: 'x',
        scope: { partition: partition ?? '', account: account ?? '', region: region ?? '' },
        resourceArn: resourceArn ?? '',
        subject,
      });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(idOf(one) === idOf(other)).toBe(isSame);
      }),
    );
  });

  test('fits into 512 characters for any file name as control', () => {
    const subject = 'x'.repeat(10_000);
    expect(findingId({ ...about, control: 'c'.repeat(255), subject }).length).toBeLessThanOrEqual(512);
  });
});
