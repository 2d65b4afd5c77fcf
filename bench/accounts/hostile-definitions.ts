import type { Json } from '../../shared/json/json.ts';

/** The most characters that SageMaker takes of a definition (https://docs.aws.amazon.com/general/latest/gr/sagemaker.html). */
const MAX_CHARACTERS = 1024 * 1024;

const STEP_ROLE = 'arn:aws:iam::111122223333:role/steps/vision-train';

const training = (name: string, more: Record<string, Json> = {}): Json => ({
  Name: name,
  Type: 'Training',
  Arguments: {
    TrainingJobName: 'vision',
    RoleArn: STEP_ROLE,
    AlgorithmSpecification: { TrainingImage: 'x', TrainingInputMode: 'File' },
    OutputDataConfig: { S3OutputPath: 's3://acme-features/out' },
    ...more,
  },
});

const definition = (steps: Json[], parameters: Json[] = []): string => {
  const text = JSON.stringify({ Version: '2020-12-01', Parameters: parameters, Steps: steps });
  if (text.length > MAX_CHARACTERS)
    throw new Error(`SageMaker takes no definition of ${text.length} characters`);
  return text;
};

const many = (count: number, make: (at: number) => Json): Json[] =>
  Array.from({ length: count }, (_, at) => make(at));

const textParameter = (characters: number): Json => ({
  Name: 'Long',
  Type: 'String',
  DefaultValue: 'x'.repeat(characters),
});

const joined = (...Values: Json[]): Json => ({ 'Std:Join': { On: '', Values } });

const channels = (count: number, placeAt: (at: number) => string, more: Record<string, Json> = {}): Json[] =>
  many(count, (at) => ({
    ChannelName: `c${at}`,
    ...more,
    DataSource: { S3DataSource: { S3Uri: placeAt(at) } },
  }));

const modelOf = (step: string): Json => ({
  Name: 'Model',
  Type: 'Model',
  Arguments: {
    ModelName: 'vision',
    ExecutionRoleArn: STEP_ROLE,
    PrimaryContainer: { Image: 'x', ModelDataUrl: { Get: `Steps.${step}.ModelArtifacts.S3ModelArtifacts` } },
  },
});

/** Each output is eight times the one before it. */
const laughing = (): Json[] =>
  many(60, (at) => ({
    Name: `S${at}`,
    Type: 'Processing',
    Arguments: {
      ProcessingJobName: 'vision',
      RoleArn: STEP_ROLE,
      ProcessingOutputConfig: {
        Outputs: [
          {
            OutputName: 'o',
            S3Output: {
              S3Uri:
                at === 0
                  ? 's3://acme-features/'
                  : joined(
                      ...many(8, () => ({
                        Get: `Steps.S${at - 1}.ProcessingOutputConfig.Outputs['o'].S3Output.S3Uri`,
                      })),
                    ),
            },
          },
        ],
      },
    },
  }));

const nested = (depth: number): Json =>
  depth === 0
    ? training('T0')
    : {
        Name: `C${depth}`,
        Type: 'Condition',
        Arguments: {
          Conditions: [],
          IfSteps: [nested(depth - 1), training(`T${depth}`)],
          ElseSteps: [],
        },
      };

/**
 * Definitions of legal size that are meant to make a look at a pipeline, or at a role that it uses, expensive, by what
 * they consist of.
 */
export const hostileDefinitions = (): Record<string, string> => ({
  'a Join of 500,000 slashes': definition([
    training('T', {
      OutputDataConfig: { S3OutputPath: joined('s3://acme-features', `${'/'.repeat(500_000)}x`) },
    }),
    modelOf('T'),
  ]),
  'a path of 1,000,000 slashes': definition([
    training('T', { OutputDataConfig: { S3OutputPath: `s3://acme-features${'/'.repeat(1_000_000)}x` } }),
    modelOf('T'),
  ]),
  'a reference of 1,000,000 brackets': definition([
    training('T', { Environment: { a: { Get: `Steps.${'['.repeat(1_000_000)}\n` } } }),
  ]),
  'a default of 400 KB, named 20,000 times': definition(
    [training('T', { RoleArn: joined(...many(20_000, () => ({ Get: 'Parameters.Long' }))) })],
    [textParameter(400_000)],
  ),
  'a default of 1 KB, named 24,000 times in 800 steps': definition(
    many(800, (at) =>
      training(`T${at}`, { RoleArn: joined(...many(30, () => ({ Get: 'Parameters.Long' }))) }),
    ),
    [textParameter(1000)],
  ),
  'outputs of outputs, each eight times as long': definition(laughing()),
  '26,000 parameters': definition(
    [training('T', { RoleArn: { Get: 'Parameters.P25999' } })],
    many(26_000, (at) => ({ Name: `P${at}`, Type: 'String' })),
  ),
  '1,000 channels of images': definition(
    many(50, (step) =>
      training(`T${step}`, {
        InputDataConfig: channels(20, (at) => `s3://pictures-${step}-${at}/`, { ContentType: 'image/png' }),
      }),
    ),
  ),
  '9,000 channels of images': definition([
    training('T', {
      InputDataConfig: channels(9000, (at) => `s3://pictures-${at}/`, { ContentType: 'image/png' }),
    }),
  ]),
  '9,500 places in one bucket': definition([
    training('T', { InputDataConfig: channels(9500, (at) => `s3://acme-features/in/${at}`) }),
  ]),
  '9,500 places in buckets of their own': definition(
    many(190, (step) =>
      training(`T${step}`, { InputDataConfig: channels(50, (at) => `s3://b${step}-${at}/`) }),
    ),
  ),
  '20,000 places in hyperparameters': definition([
    training('T', {
      HyperParameters: Object.fromEntries(
        Array.from({ length: 20_000 }, (_, at) => [`k${at}`, `"s3://acme-features/${at}"`]),
      ),
    }),
  ]),
  '3,500 steps of roles of their own': definition(
    many(3500, (at) => training(`T${at}`, { RoleArn: `arn:aws:iam::111122223333:role/steps/r${at}` })),
  ),
  '28,000 empty steps': definition(many(28_000, (at) => ({ Name: `T${at}`, Type: 'Training' }))),
  '800 steps that depend on 150 each': definition(
    many(800, (at) => ({
      Name: `T${at}`,
      Type: 'Lambda',
      DependsOn: Array.from({ length: Math.min(at, 150) }, (_, before) => `T${at - 1 - before}`),
    })),
  ),
  '4,000 files that JsonGet reads': definition(
    many(4000, (at) => ({
      Name: `C${at}`,
      Type: 'Condition',
      Arguments: {
        Conditions: [
          {
            Type: 'Equals',
            LeftValue: { 'Std:JsonGet': { S3Uri: `s3://acme-features/${at}.json`, Path: 'a' } },
            RightValue: 1,
          },
        ],
        IfSteps: [],
        ElseSteps: [],
      },
    })),
  ),
  '2,600 keys': definition(
    many(2600, (at) =>
      training(`T${at}`, {
        OutputDataConfig: {
          S3OutputPath: 's3://acme-features/out',
          KmsKeyId: `arn:aws:kms:eu-west-1:111122223333:key/${String(at).padStart(32, '0')}`,
        },
      }),
    ),
  ),
  '190 Conditions in each other': definition([nested(190)]),
  '500,000 brackets in each other': `{"Version":"2020-12-01","Steps":[{"Name":"T","Type":"Training","Arguments":{"Environment":${'['.repeat(500_000)}${']'.repeat(500_000)}}}]}`,
  '30,000 Joins in each other': `{"Version":"2020-12-01","Steps":[{"Name":"T","Type":"Training","Arguments":{"RoleArn":${'{"Std:Join":{"On":"","Values":['.repeat(30_000)}${']}}'.repeat(30_000)}}}]}`,
  'names that look like regular expressions': definition(
    many(450, (at) =>
      training(`^(a+)+$[${'(.*)*'.repeat(40)}${at}`, {
        TrainingJobName: `(a|a)*${'a'.repeat(300)}${'\\'.repeat(100)}!${at}`,
        InputDataConfig: channels(2, () => `s3://acme-features/${'%2e'.repeat(100)}${'?*'.repeat(100)}`),
      }),
    ),
  ),
});
