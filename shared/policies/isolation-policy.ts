import type { PolicyText } from '../domain/role-change.ts';
import { parseGlob } from '../iam/policy/glob.ts';
import { areApart } from '../iam/policy/glob-relations.ts';

/** The actions that change an object. */
export const CHANGING = ['s3:PutObject', 's3:DeleteObject'];

/** More folders than this are no policy that a person reads. */
const MAX_FOLDERS = 50;

/**
 * The policy that keeps a step’s role from changing the folders of other steps. Where the folders hold outputs of its own,
 * or are too many, it is kept to its own outputs, by requests to the known Regions alone: in another Region a role has other ones.
 */
export const isolationGuardrail = (
  own: readonly string[],
  folders: readonly string[],
  regions: readonly string[],
): PolicyText => {
  const isBeside =
    folders.length <= MAX_FOLDERS &&
    folders.every((folder) => own.every((one) => areApart(parseGlob(folder), parseGlob(one))));
  const deny = { Sid: 'OtherStepsData', Effect: 'Deny' as const, Action: CHANGING };
  return {
    Version: '2012-10-17',
    Statement: [
      own.length === 0 || isBeside
        ? { ...deny, Resource: folders }
        : {
            ...deny,
            NotResource: own,
            Condition: {
              StringEquals: { 'aws:RequestedRegion': regions.length === 1 ? (regions[0] ?? '') : regions },
            },
          },
    ],
  };
};
