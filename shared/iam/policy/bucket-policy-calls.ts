/** Calls that change who may read and write the objects of a bucket. */
export const OF_BUCKET_POLICIES = ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'] as const;
