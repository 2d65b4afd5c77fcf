import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import { defineControl } from '../judging/control.ts';
import { roleEntry } from '../judging/satisfying-entries.ts';

export const control = defineControl({
  id: 'managed-pipeline-role',
  system: 'Step roles',
  title: 'A pipeline of AWS itself is started with an authorised role',
  severity: 'HIGH',
  on: ['execution'],
  requires: ['startRole'],
  needs: ['roles.steps'],
  satisfiedBy: ({ startRole }, config) =>
    startRole
      ? [
          { at: startRole.toldBy, found: `${startRole.roleArn} for ${startRole.pipelineArn}` },
          ...roleEntry(startRole.roleArn, config, ['steps', 'execution']),
        ]
      : [],
  evaluate: ({ startRole: { pipelineArn, roleArn, toldBy, principalArn } }, config) => {
    if (isAuthorisedRole(roleArn, config, undefined) === 'yes') return [{ status: 'PASSED' }];
    const caller = principalArn ?? 'its caller';
    return [
      {
        status: 'FAILED',
        evidence: [
          {
            at: toldBy,
            found: `${caller} started ${pipelineArn} with the role ${roleArn}`,
            expected: `one of the authorised roles: ${authorisedRoles(config).join(', ')}`,
          },
        ],
        remediation: {
          text: `Stop the execution if it should not run, look at what it has made under ${roleArn}, and see what pass-role-scoped finds of ${caller}; or add the role to roles.execution in pipewarden.yaml.`,
        },
      },
    ];
  },
});
