import { floorsFor } from '../authorised/pipeline-names.ts';
import { defineControl } from '../judging/control.ts';
import { floorEntries } from '../judging/satisfying-entries.ts';
import { few } from '../judging/satisfying-statements.ts';
import { doesNotApply } from '../judging/verdicts.ts';

export const control = defineControl({
  id: 'version-alias-kept',
  system: 'Pipeline versions',
  title: 'No alias leads to a version below the floor of its pipeline',
  severity: 'HIGH',
  on: ['pipeline'],
  requires: ['pipeline', 'versions'],
  needs: ['versionFloors'],
  satisfiedBy: ({ pipeline, versions = [] }, config) => [
    {
      at: 'ListPipelineVersions',
      found: few(
        versions
          .filter(({ aliases }) => aliases.length > 0)
          .map(({ id, aliases }) => `version ${id}: ${few(aliases)}`),
      ),
    },
    ...floorEntries(pipeline?.name ?? '', config),
  ],
  evaluate: ({ pipeline: { name = '' }, versions }, config) => {
    const floors = floorsFor(name, config);
    if (floors.length === 0) return doesNotApply('no version floor is for it');
    const aliased = versions.filter(({ aliases }) => aliases.length > 0);
    if (aliased.length === 0) return doesNotApply('its versions have no aliases');
    const minimum = Math.max(...floors.map((floor) => floor.minimum));
    const [first, ...others] = aliased
      .filter(({ id }) => id < minimum)
      .toSorted((one, other) => one.id - other.id)
      .map(({ id, aliases }) => ({
        at: 'ListPipelineVersions',
        found: `${aliases.length === 1 ? 'alias' : 'aliases'} ${aliases.toSorted().join(', ')} of version ${id}`,
        expected: `version ${minimum} or later`,
      }));
    if (!first) return [{ status: 'PASSED' }];
    return [
      {
        status: 'FAILED',
        evidence: [first, ...others],
        remediation: {
          text: `Move the alias to a version from ${minimum} on (UpdatePipelineVersion), which is a release for whoever starts ${name} by it; or take it away.`,
        },
      },
    ];
  },
});
