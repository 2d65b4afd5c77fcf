/**
 * Whether AWS owns the bucket: JumpStart’s models and data, the code and data that projects of SageMaker start from (AWS’s Service
 * Catalog products), and the files of AWS’s examples. Every account may read them as far as its own policies allow, nobody may
 * write them, and their policies are read by AWS alone.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-foundation-models.html and sagemaker.jumpstart.constants of AWS’s SDK
 * https://docs.aws.amazon.com/sagemaker/latest/dg/define-pipeline.html (sagemaker-servicecatalog-seedcode-REGION)
 */
export const isBucketOfAws = (name: string): boolean =>
  /^(?:(?:jumpstart-(?:private-)?cache-prod|sagemaker-servicecatalog-seedcode)-[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}|sagemaker-sample-files)$/.test(
    name,
  );
