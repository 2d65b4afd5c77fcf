import { describe } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/version-alias-kept.ts';
import { controlCases } from '../../support/builders/control-cases.ts';

type Case = {
  aliases: Readonly<Record<number, readonly string[]>>;
  name?: string;
  floors?: NonNullable<Config['versionFloors']>;
};

describe(control.id, () => {
  controlCases<Case>(control, {
    given: ({ aliases, name = 'fraud-daily', floors = [{ pipeline: 'fraud-*', minimum: 6 }] }) => ({
      facts: {
        pipeline: { name },
        versions: Object.entries(aliases).map(([id, names]) => ({ id: Number(id), aliases: names })),
      },
      config: { versionFloors: floors },
    }),
    passes: {
      'an alias of the version of the floor': { aliases: { 5: [], 6: ['prod'] } },
      'aliases of later versions, of more digits': { aliases: { 1: [], 10: ['prod', 'x'] } },
    },
    fails: {
      'an alias of the version before the floor': {
        aliases: { 5: ['prod'], 6: ['next'] },
        told: {
          evidence: [['ListPipelineVersions', 'alias prod of version 5']],
          expected: 'version 6 or later',
          remedy: 'which is a release',
          isMended: false,
        },
      },
      'aliases of several versions, held against the highest floor': {
        aliases: { 8: ['prod'], 2: ['old', 'a'], 9: [] },
        floors: [
          { pipeline: '*', minimum: 3 },
          { pipeline: 'fraud-daily', minimum: 9, except: ['arn:aws:iam::*:role/ops/*'] },
        ],
        told: {
          evidence: [
            ['ListPipelineVersions', 'aliases a, old of version 2'],
            ['ListPipelineVersions', 'alias prod of version 8'],
          ],
        },
      },
    },
    isNotApplicable: {
      'versions without aliases': { aliases: { 1: [], 2: [] } },
      'another pipeline': { aliases: { 1: ['prod'] }, name: 'churn' },
    },
  });
});
