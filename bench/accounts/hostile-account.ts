import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Document } from '../../test/support/builders/hostile-policies.ts';
import { inCheckout } from '../processes/servers.ts';

const ACCOUNT = '111122223333';
const DETAILS = 'iam/account-authorization-details.json';

/**
 * Writes the account of the examples with a single pipeline, which has this definition, and with these policies of
 * roles.
 */
export const writeDefinition = async (
  folder: string,
  definitionText: string,
  roles: Record<string, Document[]> = {},
): Promise<void> => {
  await writeRoles(folder, roles);
  const pipelines = join(folder, 'sagemaker/pipelines');
  await rm(pipelines, { recursive: true });
  await mkdir(join(pipelines, 'vision-scans'), { recursive: true });
  await writeFile(
    join(pipelines, 'vision-scans/pipeline.json'),
    JSON.stringify({
      PipelineArn: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/vision-scans`,
      PipelineName: 'vision-scans',
      PipelineDefinition: definitionText,
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/pipelines/vision`,
      PipelineStatus: 'Active',
      CreationTime: '2026-03-02T09:14:07Z',
      LastModifiedTime: '2026-11-20T15:41:55Z',
    }),
  );
};

/**
 * Writes the account of the examples with these policies in place of the roles' own; roles that are missing are
 * added.
 */
export const writeRoles = async (folder: string, roles: Record<string, Document[]>): Promise<void> => {
  await copyExample(folder);
  const file = join(folder, DETAILS);
  const details = JSON.parse(await readFile(file, 'utf8')) as { RoleDetailList: RoleDetail[] };
  const [first] = details.RoleDetailList;
  if (!first) throw new Error(`${file} has no role`);
  for (const [name, documents] of Object.entries(roles)) {
    const known = details.RoleDetailList.find(({ RoleName }) => RoleName === name);
    const role = known ?? { ...first, RoleName: name, Arn: `arn:aws:iam::${ACCOUNT}:role/pipelines/${name}` };
    if (!known) details.RoleDetailList.push(role);
    role.RolePolicyList = documents.map((PolicyDocument, at) => ({ PolicyName: `p${at}`, PolicyDocument }));
  }
  await writeFile(file, JSON.stringify(details));
};

type RoleDetail = { RoleName: string; Arn: string; RolePolicyList: object[] };

const copyExample = (folder: string): Promise<void> =>
  cp(inCheckout('examples/account'), folder, { recursive: true });
