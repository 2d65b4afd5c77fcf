import type { KeptResource } from '../shared/aws/deployment/kept-resources.ts';
import { shellText } from '../shared/text/shell-text.ts';

type Removal = {
  /** What a person calls it. */
  kind: string;
  commands: (name: string, region: string, isVersioned: boolean) => string[];
};

/** What the stacks of a deployment keep, in the order in which it can be removed: nothing can be read without the key. */
const REMOVALS: readonly (readonly [type: string, Removal])[] = [
  [
    'AWS::DynamoDB::GlobalTable',
    {
      kind: 'table',
      commands: (name, region) => [
        `aws dynamodb update-table --region ${region} --table-name ${name} --no-deletion-protection-enabled`,
        `aws dynamodb delete-table --region ${region} --table-name ${name}`,
      ],
    },
  ],
  [
    'AWS::S3::Bucket',
    {
      kind: 'bucket',
      commands: (name, region, isVersioned) => [
        // `rb --force` removes the present versions alone, and one call of `delete-objects` a thousand objects.
        ...(isVersioned
          ? [
              `aws s3api delete-objects --region ${region} --bucket ${name} --delete "$(aws s3api list-object-versions --region ${region} --bucket ${name} --max-items 1000 --output json --query '{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}')"  # again until nothing is left`,
            ]
          : []),
        `aws s3 rb s3://${name} --region ${region} --force`,
      ],
    },
  ],
  [
    'AWS::Logs::LogGroup',
    {
      kind: 'log group',
      commands: (name, region) => [`aws logs delete-log-group --region ${region} --log-group-name ${name}`],
    },
  ],
  [
    'AWS::KMS::Key',
    {
      kind: 'key',
      commands: (name, region) => [
        `aws kms schedule-key-deletion --region ${region} --key-id ${name} --pending-window-in-days 30`,
      ],
    },
  ],
];

/** What stays of a stack, each with its name and the commands that remove it, in the order in which it can go. */
export const keptLines = (kept: readonly KeptResource[], region: string): string[] => {
  const known = new Set(REMOVALS.map(([type]) => type));
  return [
    ...REMOVALS.flatMap(([of, { kind, commands }]) =>
      kept
        .filter(({ type }) => type === of)
        .flatMap(({ name, isVersioned }) => [
          `  ${kind} ${name}`,
          ...commands(shellText(name), region, isVersioned).map((command) => `    ${command}`),
        ]),
    ),
    ...kept.filter(({ type }) => !known.has(type)).map(({ type, name }) => `  ${type} ${name}`),
  ];
};
