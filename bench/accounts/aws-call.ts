import { REGION } from './training-job.ts';

/**
 * Makes a call with a JSON body, as SageMaker and DynamoDB accept it. `target` is the operation after the version of
 * its service.
 */
export const jsonCall = async <T>(endpoint: string, target: string, input: object): Promise<T> => {
  const isDynamoDb = target.startsWith('DynamoDB');
  const text = await post(endpoint, isDynamoDb ? 'dynamodb' : 'sagemaker', JSON.stringify(input), {
    'content-type': `application/x-amz-json-${isDynamoDb ? '1.0' : '1.1'}`,
    'x-amz-target': target,
  });
  return JSON.parse(text || '{}') as T;
};

/** Makes a call with a form as its body, as IAM and SNS accept it; the answer is XML. */
export const formCall = (
  endpoint: string,
  service: 'iam' | 'sns',
  form: Record<string, string>,
): Promise<string> =>
  post(endpoint, service, new URLSearchParams(form).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  });

/** Puts something into S3 at a path such as `/bucket?cors`. */
export const s3Put = (endpoint: string, path: string, body: string): Promise<string> =>
  send('PUT', `${endpoint}${path}`, 's3', body, {});

const post = (
  endpoint: string,
  service: string,
  body: string,
  headers: Record<string, string>,
): Promise<string> => send('POST', endpoint, service, body, headers);

/** moto reads service and Region from the signature's scope, and does not verify the signature. */
const send = async (
  method: string,
  url: string,
  service: string,
  body: string,
  headers: Record<string, string>,
): Promise<string> => {
  const scope = `bench/20260101/${REGION}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const response = await fetch(url, { method, body, headers: { ...headers, authorization } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} answered ${response.status}: ${text.slice(0, 500)}`);
  return text;
};
