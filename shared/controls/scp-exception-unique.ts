import { matchesAny } from '../iam/policy/glob.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand } from '../judging/role-change.ts';

export const control = defineControl({
  id: 'scp-exception-unique',
  on: ['role', 'user'],
  requires: ['principal', 'uses', 'roster'],
  needs: ['scpException'],
  meta: {
    system: 'Service control policies',
    title: 'The tag of the SCP exception is on execution roles of pipelines alone',
    severity: 'HIGH',
    description:
      'The exception that JsonGet needs goes by a tag of the principal. Whoever else carries the tag may use S3 from ' +
      'outside the VPC as well, which the SCP was made to prevent.',
    risk: 'A role with the tag can take data out of the organization’s networks, past the SCP.',
    remediation: 'Take the tag from whoever is not a pipeline’s execution role.',
    decision: [
      'Each user and role that carries the tag with the value of scpException is judged.',
      'It must be the execution role of a pipeline of the account, or match roles.execution.',
      'Where a pipeline could not be read, a role that none of the others uses is NOT_AVAILABLE.',
    ],
    example: {
      fails: 'role/etl carries pipelines-json-get=true, and no pipeline runs under it',
      passes: 'role/pipelines/fraud carries pipelines-json-get=true, and pipeline fraud-daily runs under it',
    },
    fix: {
      cli: 'aws iam untag-role --role-name etl --tag-keys pipelines-json-get',
      cdk: [
        "import { aws_iam as iam, Tags } from 'aws-cdk-lib';",
        '',
        "const etl = new iam.Role(this, 'Etl', { assumedBy: new iam.ServicePrincipal('glue.amazonaws.com') });",
        "Tags.of(etl).remove('pipelines-json-get');",
      ].join('\n'),
      terraform: [
        'resource "aws_iam_role" "etl" {',
        '  name               = "etl"',
        '  assume_role_policy = data.aws_iam_policy_document.glue.json',
        '  tags               = {} # without pipelines-json-get',
        '}',
      ].join('\n'),
    },
    requirements: ['ISO 27001:2022 A.8.2', 'NIST 800-53 AC-6', 'NIST 800-53 SC-7', 'SOC 2 CC6.3'],
    references: ['https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html'],
  },
  evaluate: ({ principal, uses, roster }, { scpException, roles }) => {
    if (!scpException) return [];
    const { tagKey, tagValue } = scpException;
    const { arn, kind, tags } = principal.identity.principal;
    if (tags?.get(tagKey.toLowerCase()) !== tagValue)
      return [{ status: 'NOT_APPLICABLE', because: 'it does not carry the tag' }];
    if (uses.executes.length > 0 || matchesAny(roles?.execution ?? [], arn)) return [{ status: 'PASSED' }];
    const evidence = {
      at: `tags of ${arn}`,
      found: `${tagKey}=${tagValue}, and no pipeline runs under it`,
      expected: 'the tag on execution roles of pipelines alone',
    };
    if (roster.unread.length > 0 && kind === 'role')
      return [
        {
          status: 'NOT_AVAILABLE',
          evidence: [{ ...evidence, found: `${evidence.found} of those that could be read` }],
          remediation: {
            text: `See to it that these pipelines can be read: ${roster.unread.slice(0, 10).join(', ')}.`,
          },
        },
      ];
    const change = { type: 'untag', key: tagKey } as const;
    return [
      {
        status: 'FAILED',
        evidence: [evidence],
        remediation: { text: `Take the tag from ${arn}.`, patch: changeCommand(principal, change), change },
      },
    ];
  },
});
