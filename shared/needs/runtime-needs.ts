import type { DataRole } from '../definition/data-role.ts';
import { displayText, knownText, patternOf, type ResolveScope } from '../definition/expression.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { s3Place } from '../definition/s3-place.ts';
import { followText } from '../definition/step-reference.ts';
import { stepType } from '../definition/step-types.ts';
import { objectsWith, stepImages, valuesAt } from '../definition/step-values.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { asList, asText, isObject, type Json, member } from '../json/json.ts';
import { keeping, oncePer, remembered } from '../memo.ts';
import { withoutTrailing } from '../text/trim.ts';
import type { DataNeed } from './data-needs.ts';
import type { Need, UnknownNeed } from './need.ts';

type Found = { needs: DataNeed[]; open: UnknownNeed[] };

const everywhere = (actions: readonly string[]): Need[] =>
  actions.map((action) => ({ action, resource: '*' }));

const LOGS = ['CreateLogGroup', 'CreateLogStream', 'PutLogEvents', 'DescribeLogStreams'];

/**
 * What the role of a job needs beside its data: to write logs and metrics, and to pull the images of its containers.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
 */
export const runtimeNeeds = (
  step: Step,
  roles: readonly DataRole[],
  scope: ResolveScope,
  place: Scope,
): Found => {
  const { partition } = place;
  const always = step.type === 'AutoML' ? [...ofEveryJob(place), ...OF_AUTO_ML] : ofEveryJob(place);
  const pulling = pullingIn(scope);
  const images = stepImages(step).map(({ pointer, value }): Found => {
    const uri = followText(value, scope);
    const repository = repositoryOf(patternOf(uri), partition);
    if (repository === 'elsewhere') return { needs: [], open: [] };
    if (repository === 'unknown')
      return {
        needs: [],
        open: [
          {
            pointer,
            reason: `${step.name}: the image ${displayText(uri)} is only known in a run; allow ${PULLING.join(', ')} on its repository by hand`,
          },
        ],
      };
    return { needs: pulling(repository).map((need) => ({ need, pointer })), open: [] };
  });
  const named = askedByArn(step, scope);
  const optional = [
    ...fileSystemNeeds(step, place),
    ...datasetNeeds(step, scope, place),
    ...featureNeeds(step, scope, place),
    ...debuggingNeeds(step, scope),
    ...named.needs,
  ].map((need) => ({ ...need, isOptional: true as const }));
  return {
    needs: [
      ...roles.flatMap(({ pointer }) => always.map((need) => ({ need, pointer }))),
      ...roles.flatMap(({ pointer }) => optional.map((need) => ({ need, pointer }))),
      ...images.flatMap(({ needs }) => needs),
    ],
    open: [...images.flatMap(({ open }) => open), ...named.open],
  };
};

/** Every job writes logs and metrics, and every job pulls images. Made once, because accounts have thousands of jobs. */
const ofEveryJob = remembered(({ partition, region, account }: Scope): readonly Need[] => [
  ...LOGS.map((name) => ({
    action: `logs:${name}`,
    resource: `arn:${partition}:logs:${region}:${account}:log-group:/aws/sagemaker/*`,
  })),
  ...everywhere(['cloudwatch:PutMetricData', 'ecr:GetAuthorizationToken']),
]);

/**
 * Where a file system has a policy, mounting it asks for these; where it has none, nothing does.
 * https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
 */
const fileSystemNeeds = (step: Step, { partition, region, account }: Scope): Need[] =>
  objectsWith(step, 'FileSystemId').flatMap((source): Need[] => {
    const [id, kind] = [asText(member(source, 'FileSystemId')), asText(member(source, 'FileSystemType'))];
    if (id === undefined || !FILE_SYSTEM_ID.test(id)) return [];
    if (kind === 'FSxLustre') return everywhere(['fsx:DescribeFileSystems']);
    const isWritten = member(source, 'FileSystemAccessMode') === 'rw';
    const arn = `arn:${partition}:elasticfilesystem:${region}:${account}:file-system/${id}`;
    return ['ClientMount', ...(isWritten ? ['ClientWrite'] : []), 'DescribeMountTargets'].map((name) => ({
      action: `elasticfilesystem:${name}`,
      resource: arn,
    }));
  });

const FILE_SYSTEM_ID = /^fs-[0-9a-f]{8,40}$/;

/**
 * What a processing job asks of Athena and Redshift for its inputs, whose results it reads from S3.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DatasetDefinition.html
 */
const datasetNeeds = (step: Step, scope: ResolveScope, { partition, region, account }: Scope): Need[] =>
  objectsWith(step, 'AthenaDatasetDefinition', 'RedshiftDatasetDefinition').flatMap((source): Need[] => {
    const [athena, redshift] = [
      member(source, 'AthenaDatasetDefinition'),
      member(source, 'RedshiftDatasetDefinition'),
    ];
    const asked = athena ?? redshift;
    if (!isObject(asked)) return [];
    const textOf = (field: string): string => {
      const value = member(asked, field);
      return value === undefined ? '*' : patternOf(followText(value, scope));
    };
    const arn = (service: string, resource: string): string =>
      `arn:${partition}:${service}:${region}:${account}:${resource}`;
    const on = (service: string, names: readonly string[], resource: string): Need[] =>
      names.map((name) => ({ action: `${service}:${name}`, resource }));
    const database = `database/${textOf('Database')}`;
    const results = s3Place(followText(member(asked, 'OutputS3Uri') ?? null, scope));
    const places = results && 'bucket' in results ? [results] : [];
    return [
      ...(athena
        ? [
            ...on('athena', QUERYING, arn('athena', `workgroup/${textOf('WorkGroup')}`)),
            ...['catalog', database].flatMap((of) => on('glue', ['GetDatabase'], arn('glue', of))),
            ...['catalog', database, `table/${textOf('Database')}/*`].flatMap((of) =>
              on('glue', ['GetTable', 'GetPartitions'], arn('glue', of)),
            ),
          ]
        : [
            ...on('redshift', ['DescribeClusters'], arn('redshift', `cluster:${textOf('ClusterId')}`)),
            ...on(
              'redshift',
              ['GetClusterCredentials'],
              arn('redshift', `dbuser:${textOf('ClusterId')}/${textOf('DbUser')}`),
            ),
          ]),
      ...places.map(
        ({ bucket, keyPattern }): Need => ({
          action: 's3:GetObject',
          resource: `arn:${partition}:s3:::${bucket}/${withoutTrailing(keyPattern, '/')}*`,
        }),
      ),
    ];
  });

const QUERYING = ['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution'];

/**
 * An output that goes to the feature store is put there record by record.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingFeatureStoreOutput.html
 */
const featureNeeds = (step: Step, scope: ResolveScope, place: Scope): Need[] =>
  objectsWith(step, 'FeatureStoreOutput').flatMap((output): Need[] => {
    const group = member(member(output, 'FeatureStoreOutput'), 'FeatureGroupName');
    if (group === undefined) return [];
    const resource = sagemakerArn(place, `feature-group/${patternOf(followText(group, scope))}`);
    return [{ action: 'sagemaker:PutRecord', resource }];
  });

/**
 * Somebody who looks into a running container does so through Systems Manager.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/train-remote-debugging.html
 */
const debuggingNeeds = (step: Step, scope: ResolveScope): Need[] => {
  const isEnabled = objectsWith(step, 'EnableRemoteDebug').some((config) => {
    const flag = member(config, 'EnableRemoteDebug');
    return flag !== undefined && knownText(followText(flag, scope))?.toLowerCase() !== 'false';
  });
  return isEnabled ? everywhere(CHANNELS) : [];
};

const CHANNELS = ['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'].map(
  (name) => `ssmmessages:${name}`,
);

/** What the role of a job asks of what a field names by its ARN. */
type Asked = { fields: readonly string[]; action: string; arn: RegExp };

const ASKED: readonly Asked[] = [
  // They give the password of a registry of images that is not Amazon ECR:
  // https://docs.aws.amazon.com/sagemaker/latest/dg/docker-containers-adapt-your-own-private-registry.html
  {
    fields: ['TrainingRepositoryCredentialsProviderArn', 'RepositoryCredentialsProviderArn'],
    action: 'lambda:InvokeFunction',
    arn: /^arn:[^:]+:lambda:[^:]+:\d{12}:function:/,
  },
  // They are told of asynchronous results:
  // https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html
  { fields: ['SuccessTopic', 'ErrorTopic'], action: 'sns:Publish', arn: /^arn:[^:]+:sns:[^:]+:\d{12}:/ },
];

const ASKED_FIELDS = ASKED.flatMap(({ fields }) => fields);

const askedByArn = (step: Step, scope: ResolveScope): { needs: Need[]; open: UnknownNeed[] } => {
  const named = objectsWith(step, ...ASKED_FIELDS).flatMap((config) =>
    ASKED.flatMap(({ fields, action, arn }) =>
      fields.flatMap((field) => {
        const value = member(config, field);
        return value === undefined || value === null ? [] : { action, arn, text: followText(value, scope) };
      }),
    ),
  );
  const isKnown = ({ arn, text }: (typeof named)[number]): boolean => arn.test(knownText(text) ?? '');
  return {
    needs: named.filter(isKnown).map(({ action, text }) => ({ action, resource: patternOf(text) })),
    open: named
      .filter((each) => !isKnown(each))
      .map(({ action, text }) => ({
        pointer: stepPointer(step),
        reason: `${step.name}: ${displayText(text)} is no ARN of what ${action} is for, or only known in a run; allow it by hand`,
      })),
  };
};

const PULLING = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];

/** The needs for the images of a repository, made once for all steps of a definition. */
const pullingIn = remembered((_scope: ResolveScope) =>
  oncePer((resource): readonly Need[] => PULLING.map((action) => ({ action, resource }))),
);

/** For the models and endpoints by which an AutoML job tries its candidates, whose names it makes. */
const AUTO_ML = [
  'CreateModel',
  'DescribeModel',
  'DeleteModel',
  'CreateEndpointConfig',
  'DescribeEndpointConfig',
  'DeleteEndpointConfig',
  'CreateEndpoint',
  'DescribeEndpoint',
  'DeleteEndpoint',
  'InvokeEndpoint',
  'ListTags',
].map((name) => `sagemaker:${name}`);

const OF_AUTO_ML = everywhere([...AUTO_ML, ...PULLING]);

/** The registry of an account in a Region, and the repository in it; a tag or digest comes behind. */
const ECR_IMAGE = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z.]+\/([^:@]+)/;

/** The ARN of the repository that an image is in; `elsewhere` for one of another registry. */
const repositoryOf = (image: string, partition: string): string | 'elsewhere' | 'unknown' => {
  const [, account, region, name] = ECR_IMAGE.exec(image) ?? [];
  if (name !== undefined) return `arn:${partition}:ecr:${region}:${account}:repository/${name}`;
  return image.includes('*') || image === '' ? 'unknown' : 'elsewhere';
};

/** A job that has ended tidies up. */
const TIDYING = ['DeleteNetworkInterface', 'DeleteNetworkInterfacePermission'];
const NETWORK = [
  'DescribeNetworkInterfaces',
  'DescribeVpcs',
  'DescribeDhcpOptions',
  'DescribeSubnets',
  'DescribeSecurityGroups',
];

/** No API takes more subnets or security groups in one VpcConfig; of a longer list nothing is told. */
const MAX_IN_VPC = 100;

/** What the role of a job needs that runs in a VPC: the network interfaces. The job is refused without. */
export const networkNeeds = (step: Step, scope: ResolveScope, place: Scope): DataNeed[] => {
  const { requestFields } = stepType(step.type);
  if (requestFields === 'not told') return [];
  return requestFields.vpcConfigs
    .flatMap((path) => valuesAt(step, path))
    .flatMap(({ pointer, value }) => {
      const of = interfacesIn(place);
      return [
        of.created,
        ...partsOf(member(value, 'Subnets'), scope).map(of.subnet),
        ...partsOf(member(value, 'SecurityGroupIds'), scope).map(of.group),
        ...of.others,
      ].map((need) => ({ need, pointer }));
    });
};

/** The ids in a list of a VpcConfig; a star for what only a run tells. */
const partsOf = (list: Json | undefined, scope: ResolveScope): string[] => {
  const ids = asList(list);
  if (ids.length === 0 || ids.length > MAX_IN_VPC) return ['*'];
  return [...new Set(ids.map((id) => patternOf(followText(id, scope))))];
};

/**
 * A network interface is created in a subnet with security groups: EC2 asks for the permission on all of them. A subnet or
 * group that another account shares belongs to that account, and so does its ARN.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html
 */
const interfacesIn = remembered(({ partition, region, account }: Scope) => {
  const arn = (owner: string, resource: string): string =>
    `arn:${partition}:ec2:${region}:${owner}:${resource}`;
  const kept = keeping<Need>(MAX_KEPT);
  const on = (part: string): Need =>
    kept(part, () => {
      const resource = arn('*', part);
      return {
        action: CREATE,
        resource: arn(account, part),
        lasting: resource,
        or: [{ action: CREATE, resource }],
      };
    });
  const interfaces = arn(account, 'network-interface/*');
  return {
    created: { action: CREATE, resource: interfaces } satisfies Need,
    subnet: (id: string): Need => on(`subnet/${id}`),
    group: (id: string): Need => on(`security-group/${id}`),
    others: [
      { action: 'ec2:CreateNetworkInterfacePermission', resource: interfaces },
      ...everywhere(NETWORK.map((name) => `ec2:${name}`)),
      ...everywhere(TIDYING.map((name) => `ec2:${name}`)).map(
        (need): Need => ({ ...need, isOptional: true }),
      ),
    ] satisfies Need[],
  };
});

const CREATE = 'ec2:CreateNetworkInterface';

/** Jobs of an account run in few subnets. */
const MAX_KEPT = 1000;
