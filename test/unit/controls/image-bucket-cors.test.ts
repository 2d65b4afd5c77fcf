import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/image-bucket-cors.ts';
import { REQUIRED_CORS, REQUIRED_CORS_DOCUMENT } from '../../../shared/policies/required-cors.ts';
import { corsRules } from '../../../shared/reader/answers/cors.ts';
import { corsRulesOfXml } from '../../../shared/reader/answers/cors-xml.ts';
import type { CorsRule } from '../../../shared/reader/reader.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { controlCases, verdictsOf } from '../../support/builders/control-cases.ts';

const BECAUSE = 'the configuration names it';
const rule = (changes: Partial<CorsRule> = {}): CorsRule => ({ ...REQUIRED_CORS, ...changes });

type ExtraRules = NonNullable<NonNullable<Config['imageBuckets']>['extraRules']>;
type Stated = {
  cors?: CorsRule[];
  name?: string;
  isImageBucket?: boolean;
  extraRules?: ExtraRules;
  /** Only a manifest is known to lie in the bucket. */
  manifest?: 'read' | 'labelled';
};

/** The rule that Ground Truth needs: https://docs.aws.amazon.com/sagemaker/latest/dg/sms-cors-update.html */
const LABELLING: CorsRule = {
  allowedHeaders: [],
  allowedMethods: ['GET'],
  allowedOrigins: ['*'],
  exposeHeaders: ['Access-Control-Allow-Origin'],
};
const at = (field: string, index = 0) => `CORSRules[${index}].${field}`;

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({ cors = [rule()], name = 'acme-images', isImageBucket = true, extraRules, manifest }) => ({
      ...(extraRules && { config: { imageBuckets: { extraRules } } }),
      facts: {
        imageBucket: isImageBucket
          ? { name, because: BECAUSE, cors, ...(manifest && { manifest }) }
          : { name },
      },
    }),
    passes: {
      'exactly the required rule': {},
      'a header’s name in another case': { cors: [rule({ exposeHeaders: ['access-control-allow-origin'] })] },
      'the rule of Ground Truth beside it, where the configuration allows it': {
        cors: [LABELLING, rule()],
        extraRules: ['ground-truth'],
      },
      'another rule that the configuration describes': {
        cors: [
          rule(),
          rule({ allowedMethods: ['GET', 'HEAD'], allowedOrigins: ['https://a'], maxAgeSeconds: 60 }),
        ],
        extraRules: [
          {
            name: 'portal',
            allowedMethods: ['HEAD', 'GET'],
            allowedOrigins: ['https://a'],
            allowedHeaders: ['*'],
            exposeHeaders: ['access-control-allow-origin'],
            maxAgeSeconds: 60,
          },
        ],
      },
      'the required rule on a bucket of a manifest': { manifest: 'read' },
      'the rule of Ground Truth beside it, on a bucket of a manifest': {
        manifest: 'read',
        cors: [LABELLING, rule()],
      },
      'the rule of Ground Truth, on a bucket of a manifest that is labelled': {
        manifest: 'labelled',
        cors: [LABELLING],
      },
      'both rules, on a bucket of a manifest that is labelled': {
        manifest: 'labelled',
        cors: [rule(), LABELLING],
      },
      'a value that stands there twice': { cors: [rule({ allowedMethods: ['PUT', 'PUT'] })] },
      'the rule twice, in other words': {
        cors: [rule(), rule({ exposeHeaders: ['access-control-allow-origin'] })],
      },
    },
    fails: {
      'no configuration': {
        cors: [],
        told: {
          evidence: [['CORSRules', 'no CORS configuration']],
          expected: JSON.stringify(REQUIRED_CORS_DOCUMENT),
          remedy:
            'Replace the CORS configuration of acme-images, an image bucket because the configuration names it.',
          patch: `aws s3api put-bucket-cors --bucket acme-images --cors-configuration '${JSON.stringify(REQUIRED_CORS_DOCUMENT)}'`,
        },
      },
      'an allowed rule alone, which the command keeps': {
        cors: [LABELLING],
        extraRules: ['ground-truth'],
        told: {
          evidence: [['CORSRules', 'only rules of imageBuckets.extraRules']],
          patch: expect.stringContaining('"AllowedMethods":["GET"]') as unknown as string,
        },
      },
      'a further rule by which pages delete': {
        cors: [rule(), rule({ allowedMethods: ['DELETE'] })],
        told: { evidence: [['CORSRules[1]', 'AllowedMethods DELETE']], remedy: 'No command is given' },
      },
      'a rule of Ground Truth that nobody allows: no command takes it away': {
        cors: [LABELLING, rule()],
        told: {
          severity: 'LOW',
          evidence: [['CORSRules[0]', 'AllowedMethods GET']],
          remedy: 'Name it in imageBuckets.extraRules if it is meant',
          isMended: false,
        },
      },
      'another method': {
        cors: [rule({ allowedMethods: ['GET'] })],
        told: { evidence: [[at('AllowedMethods'), 'GET']], expected: 'PUT' },
      },
      'a further method': {
        cors: [rule({ allowedMethods: ['GET', 'PUT'] })],
        told: { evidence: [[at('AllowedMethods'), 'GET, PUT']] },
      },
      'a method in another case': {
        cors: [rule({ allowedMethods: ['put'] })],
        told: { evidence: [[at('AllowedMethods'), 'put']] },
      },
      'a narrower origin': {
        cors: [rule({ allowedOrigins: ['https://example.com'] })],
        told: { evidence: [[at('AllowedOrigins'), 'https://example.com']], expected: '*' },
      },
      'no header': {
        cors: [rule({ allowedHeaders: [] })],
        told: { evidence: [[at('AllowedHeaders'), 'none']], expected: '*' },
      },
      'no exposed header': {
        cors: [rule({ exposeHeaders: [] })],
        told: { evidence: [[at('ExposeHeaders'), 'none']], expected: 'Access-Control-Allow-Origin' },
      },
      'a further exposed header': {
        cors: [rule({ exposeHeaders: ['Access-Control-Allow-Origin', 'ETag'] })],
        told: { evidence: [[at('ExposeHeaders'), 'ETag']] },
      },
      'a MaxAgeSeconds': {
        cors: [rule({ maxAgeSeconds: 3000 })],
        told: { evidence: [[at('MaxAgeSeconds'), '3000']], expected: 'not set' },
      },
      'a MaxAgeSeconds of zero': {
        cors: [rule({ maxAgeSeconds: 0 })],
        told: { evidence: [[at('MaxAgeSeconds'), '0']] },
      },
      'every difference at once': {
        cors: [
          {
            allowedHeaders: [],
            allowedMethods: ['GET'],
            allowedOrigins: ['https://a'],
            exposeHeaders: [],
            maxAgeSeconds: 1,
          },
        ],
        told: {
          evidence: [
            [at('AllowedMethods'), 'GET'],
            [at('AllowedOrigins'), 'https://a'],
            [at('AllowedHeaders'), 'none'],
            [at('ExposeHeaders'), 'none'],
            [at('MaxAgeSeconds'), '1'],
          ],
        },
      },
      'a rule too many, wherever it stands': {
        cors: [rule({ allowedMethods: ['GET'] }), rule()],
        told: {
          severity: 'LOW',
          evidence: [['CORSRules[0]', 'AllowedMethods GET; AllowedOrigins *']],
          expected: 'no further rule',
        },
      },
      'the rule that comes nearest is the one that is compared': {
        cors: [rule({ allowedMethods: ['GET'], allowedHeaders: [] }), rule({ allowedMethods: ['POST'] })],
        told: {
          evidence: [
            [at('AllowedMethods', 1), 'POST'],
            ['CORSRules[0]', 'AllowedMethods GET'],
          ],
        },
      },
      'a bucket’s name that a shell would act on': {
        cors: [],
        name: "x'; rm -r .; '",
        told: {
          evidence: [['CORSRules', 'no CORS configuration']],
          patch: `aws s3api put-bucket-cors --bucket 'x'"'"'; rm -r .; '"'"'' --cors-configuration '${JSON.stringify(REQUIRED_CORS_DOCUMENT)}'`,
        },
      },
    },
    isNotAvailable: {
      'a manifest in a bucket without CORS, whose images may lie elsewhere': {
        manifest: 'read',
        cors: [],
        told: {
          severity: 'LOW',
          evidence: [
            ['acme-images', `${BECAUSE}, and only the manifest tells in which buckets the images lie`],
            ['CORSRules', 'no CORS configuration'],
          ],
          remedy: 'Look into the manifest',
          isMended: false,
        },
      },
      'a manifest in a bucket with the rule of Ground Truth alone': {
        manifest: 'read',
        cors: [LABELLING],
        told: {
          severity: 'LOW',
          evidence: [
            ['acme-images', BECAUSE],
            ['CORSRules', 'only rules of'],
          ],
        },
      },
      'a manifest in a bucket with another rule': {
        manifest: 'read',
        cors: [rule({ allowedMethods: ['POST'] })],
        told: {
          severity: 'LOW',
          evidence: [
            ['acme-images', BECAUSE],
            [at('AllowedMethods'), 'POST'],
          ],
        },
      },
      'a manifest that is labelled, in a bucket without the rule of Ground Truth': {
        manifest: 'labelled',
        told: {
          severity: 'LOW',
          evidence: [
            ['acme-images', BECAUSE],
            ['CORSRules', 'AllowedMethods PUT'],
          ],
        },
      },
    },
    isNotApplicable: { 'a bucket that no images come from': { isImageBucket: false } },
  });
});

describeCases('cors', `${control.id} on published configurations`, (folder) => {
  const rulesOf = (file: string): CorsRule[] => {
    const text = readFileSync(join(folder, file), 'utf8');
    const parsed = file.endsWith('.xml') ? corsRulesOfXml(text) : undefined;
    const rules = parsed ? (parsed.ok ? parsed.value : undefined) : corsRules(JSON.parse(text));
    if (!rules) throw new Error(`${file} cannot be read`);
    return rules;
  };
  const judge = (cors: CorsRule[]) =>
    verdictsOf(control, { facts: { imageBucket: { name: 'b', because: BECAUSE, cors } } });

  test.each([
    ['required.json', 'PASSED'],
    ['required.xml', 'PASSED'],
    ['awsdocs__canvas-set-up-local-upload__0.json', 'FAILED'],
    ['awsdocs__sms-cors-update__0.json', 'FAILED'],
    ['awsdocs__sms-cors-update__1.xml', 'FAILED'],
  ])('%s: %s', (file, status) => {
    expect(judge(rulesOf(file)).map((verdict) => verdict.status)).toEqual([status]);
  });
});
