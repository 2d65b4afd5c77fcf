import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');

/** Clients of the SDK that a file makes, each with what stands before it. */
const clientsMadeIn = (text: string): { client: string; before: string }[] => {
  const imported = [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-/g)].flatMap(
    ([, names = '']) => names.split(',').map((name) => name.trim()),
  );
  return [...text.matchAll(/(\S*\s*\S*)\s*new (\w+Client)\(/g)].flatMap(([, before = '', client = '']) =>
    imported.includes(client) ? [{ client, before }] : [],
  );
};

const made = globSync('{cli,functions,shared}/**/*.ts', { cwd: root }).flatMap((file) =>
  clientsMadeIn(readFileSync(join(root, file), 'utf8')).map((each) => ({ file, ...each })),
);

test('every client of the AWS SDK is made so that its refusals name the IAM action', () => {
  expect(made.length).toBeGreaterThan(15);
  expect(made.filter(({ before }) => !/namingActions\(\s*'[a-z0-9]+',$/.test(before.trim()))).toEqual([]);
});

test('a client that is made otherwise is found', () => {
  const text = "import { SQSClient } from '@aws-sdk/client-sqs';\nconst client = new SQSClient({});";
  expect(clientsMadeIn(text)).toEqual([{ client: 'SQSClient', before: 'client =' }]);
});
