import { defineControl } from '../judging/control.ts';
import { shellText } from '../text/shell-text.ts';

export const control = defineControl({
  id: 'image-bucket-known',
  on: ['bucket'],
  requires: ['imageSource'],
  meta: {
    system: 'CORS of image buckets',
    title: 'Buckets that images come from are declared as image buckets',
    severity: 'LOW',
    description:
      'A step that reads images names a bucket. Where neither the configuration names that bucket nor a tag marks it, ' +
      'nobody has said that images are meant to come from there, and nobody looks after its CORS configuration.',
    risk: 'Images from a bucket that nobody has chosen can be anybody’s, and a model that is trained on them is theirs in part.',
    remediation:
      'Name the bucket in imageBuckets.names, or give it the tag of imageBuckets.tags; or read the images from a declared bucket.',
    decision: [
      'The image inputs of all definitions are gathered by bucket: an image content type, or an image file.',
      'The bucket must match imageBuckets.names, or carry one of imageBuckets.tags.',
      'It is a WARNING on the bucket, once for all pipelines that read from it.',
    ],
    example: {
      fails:
        'a step reads s3://someones-pictures/ with ContentType image/jpeg, and no configuration names the bucket',
      passes: 'imageBuckets: { names: [someones-pictures] }',
    },
    fix: {
      cli: 'aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:s3:::acme-images --tags pipewarden=image-bucket',
      cdk: [
        "import { aws_s3 as s3, Tags } from 'aws-cdk-lib';",
        '',
        "const images = new s3.Bucket(this, 'Images', { bucketName: 'acme-images' });",
        "Tags.of(images).add('pipewarden', 'image-bucket');",
      ].join('\n'),
      terraform: [
        'resource "aws_s3_bucket" "images" {',
        '  bucket = "acme-images"',
        '  tags   = { pipewarden = "image-bucket" }',
        '}',
      ].join('\n'),
    },
    requirements: ['ISO 27001:2022 A.5.9', 'NIST 800-53 CM-8', 'SOC 2 CC6.1'],
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html',
      'https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html',
    ],
  },
  evaluate: ({ imageSource: { name, arn, isDeclared, inputs } }, { imageBuckets }) => {
    if (isDeclared) return [{ status: 'PASSED' }];
    const [first, ...others] = inputs.map(({ pipelineName, step }) => ({
      at: `pipeline ${pipelineName}, step ${step}`,
      found: `it reads images from ${name}`,
      expected: 'a bucket that imageBuckets names, or that carries its tag',
    }));
    if (!first) return [{ status: 'NOT_APPLICABLE', because: 'no step reads images from it' }];
    const [tag] = Object.entries(imageBuckets?.tags ?? {});
    return [
      {
        status: 'WARNING',
        evidence: [first, ...others],
        remediation: {
          text: `Add ${name} to imageBuckets.names in pipewarden.yaml${tag ? `, or tag it ${tag[0]}=${tag[1]}` : ''}.`,
          ...(tag && {
            // S3's own call takes the place of all tags that the bucket has.
            patch: `aws resourcegroupstaggingapi tag-resources --resource-arn-list ${shellText(arn)} --tags ${shellText(JSON.stringify({ [tag[0]]: tag[1] }))}`,
          }),
        },
      },
    ];
  },
});
