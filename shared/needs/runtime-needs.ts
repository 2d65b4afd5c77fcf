import type { DataRole } from '../definition/data-role.ts';
import { displayText, patternOf, type ResolveScope } from '../definition/expression.ts';
import type { Step } from '../definition/parse.ts';
import { followText } from '../definition/step-reference.ts';
import { stepType } from '../definition/step-types.ts';
import { objectsWithin, stepImages, valuesAt } from '../definition/step-values.ts';
import type { Scope } from '../domain/scope.ts';
import { asText, member } from '../json/json.ts';
import { remembered } from '../memo.ts';
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
  const always = [...ofEveryJob(place), ...(step.type === 'AutoML' ? OF_AUTO_ML : [])];
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
    return { needs: PULLING.map((action) => ({ action, resource: repository, pointer })), open: [] };
  });
  return {
    needs: [
      ...roles.flatMap(({ pointer }) => always.map((need) => ({ ...need, pointer }))),
      ...roles.flatMap(({ pointer }) => fileSystemNeeds(step, place).map((need) => ({ ...need, pointer }))),
      ...images.flatMap(({ needs }) => needs),
    ],
    open: images.flatMap(({ open }) => open),
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
  objectsWithin(step)
    .flatMap((source): Need[] => {
      const [id, kind] = [asText(member(source, 'FileSystemId')), asText(member(source, 'FileSystemType'))];
      if (id === undefined || !FILE_SYSTEM_ID.test(id)) return [];
      if (kind === 'FSxLustre') return everywhere(['fsx:DescribeFileSystems']);
      const isWritten = member(source, 'FileSystemAccessMode') === 'rw';
      const arn = `arn:${partition}:elasticfilesystem:${region}:${account}:file-system/${id}`;
      return ['ClientMount', ...(isWritten ? ['ClientWrite'] : []), 'DescribeMountTargets'].map((name) => ({
        action: `elasticfilesystem:${name}`,
        resource: arn,
      }));
    })
    .map((need) => ({ ...need, isOptional: true }));

const FILE_SYSTEM_ID = /^fs-[0-9a-f]{8,40}$/;

const PULLING = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];

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

/** AWS asks that these are limited to no resource; where somebody has done so, only a run tells whether it does. */
const INTERFACES = ['CreateNetworkInterface', 'CreateNetworkInterfacePermission'];
/** A job that has ended tidies up. */
const TIDYING = ['DeleteNetworkInterface', 'DeleteNetworkInterfacePermission'];
const NETWORK = [
  'DescribeNetworkInterfaces',
  'DescribeVpcs',
  'DescribeDhcpOptions',
  'DescribeSubnets',
  'DescribeSecurityGroups',
];

/** What the role of a job needs that runs in a VPC: the network interfaces. The job is refused without. */
export const networkNeeds = (step: Step, { partition, region, account }: Scope): DataNeed[] => {
  const { requestFields } = stepType(step.type);
  if (requestFields === 'not told') return [];
  const some = `arn:${partition}:ec2:${region}:${account}:*/*`;
  const needs: Need[] = [
    ...INTERFACES.map((name) => ({
      action: `ec2:${name}`,
      resource: '*',
      or: [{ action: `ec2:${name}`, resource: some }],
    })),
    ...everywhere(NETWORK.map((name) => `ec2:${name}`)),
    ...everywhere(TIDYING.map((name) => `ec2:${name}`)).map((need): Need => ({ ...need, isOptional: true })),
  ];
  return requestFields.vpcConfigs
    .flatMap((path) => valuesAt(step, path))
    .flatMap(({ pointer }) => needs.map((need) => ({ ...need, pointer })));
};
