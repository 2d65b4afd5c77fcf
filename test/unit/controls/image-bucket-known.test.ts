import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/image-bucket-known.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { condition, controlCases, step, verdictsOf } from '../../support/builders/control-cases.ts';
import { pipelineIn, rosterOf, type Stated } from '../../support/builders/principal-facts.ts';

const BUCKET = 'someones-pictures';

type Case = Pick<Stated, 'pipelines'> & {
  name?: string;
  isDeclared?: boolean;
  imageBuckets?: Config['imageBuckets'];
};

const channel = (S3Uri: unknown, ContentType?: string) => ({
  ...(ContentType && { ContentType }),
  DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri } },
});
const training = (name: string, ...InputDataConfig: object[]) => step(name, 'Training', { InputDataConfig });
const JPEG = channel(`s3://${BUCKET}/cats`, 'image/jpeg');
const running = (...steps: object[]) => ({ vision: { steps } });
const at = (name: string, pipeline = 'vision') => `pipeline ${pipeline}, step ${name}`;
const found = `it reads images from ${BUCKET}`;

describe(control.id, () => {
  controlCases<Case>(control, {
    given: ({
      pipelines = running(training('Train', JPEG)),
      name = BUCKET,
      isDeclared = false,
      imageBuckets,
    }) => ({
      facts: {
        imageSource: {
          name,
          arn: `arn:aws:s3:::${name}`,
          isDeclared,
          inputs: rosterOf({ pipelines }).imageInputs.get(name) ?? [],
        },
      },
      config: imageBuckets ? { imageBuckets } : {},
    }),
    passes: {
      'a declared bucket': { isDeclared: true },
      'a declared bucket that nothing reads from': { isDeclared: true, pipelines: {} },
    },
    fails: {},
    warns: {
      'an image content type': {
        told: {
          evidence: [[at('Train'), found]],
          expected: 'a bucket that imageBuckets names, or that carries its tag',
          remedy: `Add ${BUCKET} to imageBuckets.names in pipewarden.yaml.`,
          isMended: false,
        },
      },
      'a tag that the configuration gives, which is added to those that the bucket has': {
        imageBuckets: { names: ['acme-images'], tags: { pipewarden: 'image-bucket' } },
        told: {
          evidence: [[at('Train'), found]],
          remedy: 'or tag it pipewarden=image-bucket.',
          patch: `aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:s3:::${BUCKET} --tags '{"pipewarden":"image-bucket"}'`,
        },
      },
      'a tag that a shell would act on': {
        imageBuckets: { tags: { "it's": '$(rm)' } },
        told: {
          evidence: [[at('Train'), found]],
          patch: `aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:s3:::${BUCKET} --tags '{"it\\u0027s":"$(rm)"}'`,
        },
      },
      'RecordIO of images, and an image file': {
        pipelines: running(
          training('Records', channel(`s3://${BUCKET}/records`, 'application/x-image')),
          training('File', channel(`s3://${BUCKET}/cat.PNG`)),
        ),
        told: {
          evidence: [
            [at('Records'), found],
            [at('File'), found],
          ],
        },
      },
      'a nested step, with a place behind a parameter': {
        pipelines: {
          vision: {
            steps: [
              condition('If', [], [training('Train', channel({ Get: 'Parameters.Images' }, 'IMAGE/png'))]),
            ],
            parameters: { Images: `s3://${BUCKET}/dogs` },
          },
        },
        told: { evidence: [[at('Train'), found]] },
      },
      'a manifest, whose images may lie in other buckets': {
        pipelines: running(
          training('Train', {
            DataSource: {
              S3DataSource: {
                S3DataType: 'AugmentedManifestFile',
                S3Uri: `s3://${BUCKET}/birds.manifest`,
                AttributeNames: ['source-ref', 'bird'],
              },
            },
          }),
          step('Label', 'Lambda', { ManifestS3Uri: `s3://${BUCKET}/birds.manifest` }),
        ),
        told: {
          evidence: [
            [at('Train'), `it reads a manifest in ${BUCKET}, whose images may lie in other buckets too`],
            [at('Label'), `it starts labelling by a manifest in ${BUCKET}`],
          ],
          remedy: `Add ${BUCKET}, and the buckets that the manifest names, to imageBuckets.names`,
        },
      },
      'several channels of one step are one piece of evidence': {
        pipelines: running(training('Train', JPEG, channel(`s3://${BUCKET}/dogs`, 'image/jpeg'))),
        told: { evidence: [[at('Train'), found]] },
      },
      'two pipelines are one finding': {
        pipelines: {
          cats: { steps: [training('Train', JPEG)] },
          dogs: { steps: [training('Train', JPEG)] },
        },
        told: {
          evidence: [
            [at('Train', 'cats'), found],
            [at('Train', 'dogs'), found],
          ],
        },
      },
    },
    isNotApplicable: {
      'no step reads from it': { name: 'acme-logs' },
      'no image': { pipelines: running(training('Train', channel(`s3://${BUCKET}/rows`, 'text/csv'))) },
      'images that a step writes': {
        pipelines: running(
          step('Draw', 'Processing', {
            ProcessingOutputConfig: {
              Outputs: [{ OutputName: 'o', S3Output: { S3Uri: `s3://${BUCKET}/a.png` } }],
            },
          }),
        ),
      },
    },
  });
});

describeCases('pipelines', `${control.id} on definitions that people wrote`, (folder) => {
  const judge = (steps: readonly object[], parameters: object) => {
    const { imageInputs } = rosterOf({ pipelines: { real: { steps, parameters } } });
    const [[name, inputs] = [BUCKET, []]] = imageInputs;
    const imageSource = { name, arn: `arn:aws:s3:::${name}`, isDeclared: false, inputs };
    return verdictsOf(control, { facts: { imageSource } });
  };

  const judgeFile = (file: string, contentType: string) => {
    const { steps, parameters } = pipelineIn(join(folder, file));
    const text = JSON.stringify(steps).replaceAll(
      /"ContentType":"text[^"]*"/g,
      `"ContentType":"${contentType}"`,
    );
    return judge(JSON.parse(text), parameters).map(({ status }) => status);
  };

  test('a published definition reads images once the content type of its channels is one of images', () => {
    const file = 'real/aws-controllers-k8s__my-pipeline.json';
    expect(judgeFile(file, 'text/csv')).toEqual(['NOT_APPLICABLE']);
    expect(judgeFile(file, 'image/jpeg')).toEqual(['WARNING']);
  });

  test('what another step has written comes from no bucket that the definition names', () => {
    const file = 'generated/01_abalone_noprefix_onerole.json';
    expect(judgeFile(file, 'image/jpeg')).toEqual(['NOT_APPLICABLE']);
  });
});
