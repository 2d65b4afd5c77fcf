import { expect, test } from '@jest/globals';
import { surveyAccount } from '../../../cli/init.ts';
import { found, NOT_IN_SNAPSHOT, notRead } from '../../../shared/reader/read-result.ts';

import { memoryReader } from '../../support/builders/memory-reader.ts';
import { definitionOf, trainStep } from '../../support/commands/cli.ts';

const names = ['churn', 'fraud'];

const pipeline = (name: string) => ({
  name,
  arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}`,
  roleArn: 'arn:aws:iam::111122223333:role/execution',
  definitionText: JSON.stringify(definitionOf(trainStep(`${name}-train`, 'step'))),
});

const account = () =>
  memoryReader({
    listing: names,
    identities: {},
    pipelines: Object.fromEntries(names.map((name) => [name, pipeline(name)])),
    organization: { scps: [], rcps: [] },
  }).reader;

const withVersions = (code: string) => ({
  ...account(),
  listPipelineVersions: () => Promise.resolve(notRead('ListPipelineVersions', code, 'no')),
});

test('versions that could not be read are told once, with how many more', async () => {
  const { unread, remarks } = await surveyAccount(withVersions('AccessDeniedException'));
  expect(remarks).toEqual([
    'no floor is suggested, as versions were not read: pipeline churn and 1 more: ListPipelineVersions: AccessDeniedException: no',
  ]);
  expect(unread).toEqual([]);
});

test('versions that a snapshot leaves out are not missed', async () => {
  const { unread, remarks } = await surveyAccount(withVersions(NOT_IN_SNAPSHOT));
  expect([unread, remarks]).toEqual([[], []]);
});

test('the newest version of each pipeline is read', async () => {
  const reader = {
    ...account(),
    listPipelineVersions: (name: string) =>
      Promise.resolve(found(name === 'churn' ? [] : [2, 3].map((id) => ({ id, aliases: [] })))),
  };
  expect((await surveyAccount(reader)).versions).toEqual([{ pipeline: 'fraud', newest: 3 }]);
});
