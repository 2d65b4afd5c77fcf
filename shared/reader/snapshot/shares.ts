import { asText, type Json, member } from '../../json/json.ts';
import { type PermissionAnswers, shareFact } from '../answers/shares.ts';
import { found, NOT_IN_SNAPSHOT, notRead, type Read } from '../read-result.ts';
import type { PipelineShare, Reader } from '../reader.ts';
import { atTop, ifAbsent, malformed, pathOf, readJson, type SnapshotFile } from './files.ts';

export const SHARES: SnapshotFile = {
  path: ['ram', 'resource-shares.json'],
  madeBy: 'pipewarden snapshot',
};

const FORM =
  '[{"ResourceShare": {…}, "Resources": […], "Principals": […], "Permissions": […]}, …], with shares of this account';

/**
 * The shares of a snapshot. One file holds, for each share, the outputs of `aws ram get-resource-shares`, of
 * `get-resource-share-associations` for resources and for principals, and of `list-resource-share-permissions`, each
 * permission with the `permission` that `get-permission` tells. Shares of other accounts are left out.
 */
export const snapshotShares = (root: string, account: string): Pick<Reader, 'readShares'> => ({
  readShares: async (): Promise<Read<PipelineShare[]>> => {
    const file = await readJson(root, SHARES);
    if (!file.ok) return ifAbsent(file, []);
    if (!Array.isArray(file.value)) return malformed(SHARES, atTop(`it is not ${FORM}`));
    const own = file.value.filter((entry) => ownerOf(entry) === account || ownerOf(entry) === undefined);
    const shares = own.map(shareIn).filter((share) => share !== undefined);
    return shares.length === own.length ? found(shares) : malformed(SHARES, atTop(`it is not ${FORM}`));
  },
});

const ownerOf = (entry: Json): string | undefined =>
  asText(member(member(entry, 'ResourceShare'), 'owningAccountId'));

const shareIn = (entry: Json): PipelineShare | undefined => {
  const share = member(entry, 'ResourceShare');
  const arn = asText(member(share, 'resourceShareArn'));
  const [resources, principals] = [member(entry, 'Resources'), member(entry, 'Principals')];
  if (share === undefined || arn === undefined || !Array.isArray(resources) || !Array.isArray(principals))
    return undefined;
  return shareFact(arn, { share, resources, principals, permissions: permissionsIn(entry) });
};

const permissionsIn = (entry: Json): Read<PermissionAnswers[]> => {
  const listed = member(entry, 'Permissions');
  if (!Array.isArray(listed)) return notThere('Permissions', 'list-resource-share-permissions');
  return found(
    listed.map((permission) => {
      const content = member(permission, 'permission');
      return {
        permission,
        content: content === undefined ? notThere('permission', 'get-permission') : found(content),
      };
    }),
  );
};

const notThere = (part: string, command: string): Read<never> => {
  const path = pathOf(SHARES);
  return notRead(
    path,
    NOT_IN_SNAPSHOT,
    `${path} has a share without "${part}"; \`aws ram ${command}\` tells it`,
  );
};
