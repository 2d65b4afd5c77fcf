import { floorsFor } from '../authorised/pipeline-names.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { defineControl } from '../judging/control.ts';
import { floorEntries } from '../judging/satisfying-entries.ts';
import { doesNotApply } from '../judging/verdicts.ts';

export const control = defineControl({
  id: 'version-floor-kept',
  system: 'Pipeline versions',
  title: 'Executions and version updates keep to the floor of their pipeline',
  severity: 'HIGH',
  on: ['execution'],
  requires: ['version'],
  needs: ['versionFloors'],
  satisfiedBy: ({ version }, config) =>
    version
      ? [
          { at: version.toldBy, found: `version ${version.versionId} of ${version.pipelineName}` },
          ...floorEntries(version.pipelineName, config),
        ]
      : [],
  evaluate: ({ version: { pipelineName, versionId, toldBy, principalArn } }, config) => {
    const floors = floorsFor(pipelineName, config).filter(
      ({ except = [] }) => principalArn === undefined || !matchesAny(except, principalArn),
    );
    if (floors.length === 0) return doesNotApply('no floor is for whoever did it');
    const broken = floors.filter(({ minimum }) => versionId < minimum);
    if (broken.length === 0) return [{ status: 'PASSED' }];
    const sure = broken.filter(({ except = [] }) => principalArn !== undefined || except.length === 0);
    const floor = Math.max(...(sure.length > 0 ? sure : broken).map(({ minimum }) => minimum));
    const found = `version ${versionId} of ${pipelineName}`;
    if (sure.length === 0)
      return [
        {
          status: 'NOT_AVAILABLE',
          evidence: [
            {
              at: toldBy,
              found: `${found}, by somebody whom the event does not name`,
              expected: `version ${floor} or later, but by whom the floor excepts`,
            },
          ],
          remediation: {
            text: 'Look up in CloudTrail who did it, and whether the floor’s except names them.',
          },
        },
      ];
    return [
      {
        status: 'FAILED',
        evidence: [
          {
            at: toldBy,
            found: `${found}${principalArn === undefined ? '' : `, by ${principalArn}`}`,
            expected: `version ${floor} or later`,
          },
        ],
        remediation: {
          text: `Stop the execution if it runs, look at what it has made, and see what version-floor-enforced finds of ${principalArn ?? 'its caller'}.`,
        },
      },
    ];
  },
});
