import { defineControl } from '../judging/control.ts';
import { corsDifferences, REQUIRED_CORS_DOCUMENT } from '../policies/required-cors.ts';

export const control = defineControl({
  id: 'image-bucket-cors',
  on: ['bucket'],
  requires: ['imageBucket'],
  meta: {
    system: 'CORS of image buckets',
    title: 'Image buckets have exactly the CORS configuration that pipelines need',
    severity: 'MEDIUM',
    description:
      'A bucket from which images are imported into pipelines needs one CORS rule: any header, method PUT, any origin, ' +
      'exposed header Access-Control-Allow-Origin. It is not the rule that Ground Truth asks for, and any other tool ' +
      'that sets CORS replaces the whole configuration.',
    risk:
      'Without the rule the import of images fails in the browser; with more than the rule, web pages of any origin can ' +
      'do more with the bucket than the import needs.',
    remediation: 'Put exactly the required CORS configuration onto the bucket.',
    decision: [
      'An image bucket is one that the configuration names or tags, or that a definition names as image input (an image content type, or an image file).',
      'Rules are compared as sets: the order and the form (XML, JSON) do not matter, nor does a rule’s ID.',
      'Each difference is named: rule missing, method, origin, header, exposed header, MaxAgeSeconds, rule too many.',
    ],
    example: {
      fails:
        '[{"AllowedHeaders": [], "AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposeHeaders": ["Access-Control-Allow-Origin"]}]',
      passes:
        '[{"AllowedHeaders": ["*"], "AllowedMethods": ["PUT"], "AllowedOrigins": ["*"], "ExposeHeaders": ["Access-Control-Allow-Origin"]}]',
    },
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html#build-and-manage-cors',
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html',
    ],
    fix: {
      cli: `aws s3api put-bucket-cors --bucket acme-images --cors-configuration '${JSON.stringify(REQUIRED_CORS_DOCUMENT)}'`,
      cdk: `import { aws_s3 as s3 } from 'aws-cdk-lib';

new s3.Bucket(this, 'Images', {
  bucketName: 'acme-images',
  cors: [
    {
      allowedHeaders: ['*'],
      allowedMethods: [s3.HttpMethods.PUT],
      allowedOrigins: ['*'],
      exposedHeaders: ['Access-Control-Allow-Origin'],
    },
  ],
});`,
      terraform: `resource "aws_s3_bucket_cors_configuration" "images" {
  bucket = "acme-images"

  cors_rule {
    allowed_headers = ["*"]
    allowed_methods = ["PUT"]
    allowed_origins = ["*"]
    expose_headers  = ["Access-Control-Allow-Origin"]
  }
}`,
    },
    requirements: ['ISO 27001:2022 A.8.9', 'NIST 800-53 CM-6', 'SOC 2 CC7.1'],
  },
  evaluate: ({ imageBucket }) => {
    if (imageBucket.because === undefined)
      return [{ status: 'NOT_APPLICABLE', because: 'no images are imported from it' }];
    const [first, ...others] = corsDifferences(imageBucket.cors);
    if (!first) return [{ status: 'PASSED' }];
    const document = JSON.stringify(REQUIRED_CORS_DOCUMENT);
    const bucket = imageBucket.name.replaceAll("'", "'\\''"); // the name comes from a definition, the patch goes into a shell
    return [
      {
        status: 'FAILED',
        evidence: [first, ...others],
        remediation: {
          text: `Replace the CORS configuration of ${imageBucket.name}, an image bucket because ${imageBucket.because}.`,
          patch: `aws s3api put-bucket-cors --bucket '${bucket}' --cors-configuration '${document}'`,
        },
      },
    ];
  },
});
