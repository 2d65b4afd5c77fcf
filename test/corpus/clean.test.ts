import { expect, test } from '@jest/globals';
import { casesFolder, describeCases } from '../support/builders/cases.ts';
import { describeWith } from '../support/jest/tools.ts';
import { BASE } from './base.ts';
import { cleanAccount, pipelineName, type Source } from './clean-account.ts';
import { judgeClean, judgeHappenings, publishedDefinitions } from './corpus.ts';
import { sdkDefinitions } from './sdk-definitions.ts';

const published = publishedDefinitions(casesFolder('pipelines'));

describeCases('pipelines', 'a clean account around a published definition has no finding', () => {
  test.each(published.map((source): [string, Source] => [source.name, source]))('%s', async (_, source) => {
    expect((await judgeClean(source, 'published')).extra).toEqual([]);
  });
});

describeWith('the SageMaker SDK', 'a clean account around what the SDK writes has no finding', () => {
  test.each(['2', '3'])('SDK %s', async (sdk) => {
    // Steps of type Job are left out: AWS does not describe them, so an account with one is never completely read.
    const definitions = (await sdkDefinitions()).filter(
      (definition) => definition.sdk === sdk && !definition.stepTypes.includes('Job'),
    );
    expect(definitions.length).toBeGreaterThan(40);
    const found: Record<string, string[]> = {};
    for (const { name, prefixed, definitionText } of definitions) {
      const title = `${name} ${prefixed}`;
      const { extra } = await judgeClean({ name: pipelineName(title), definitionText }, 'sdk');
      if (extra.length > 0) found[title] = extra;
    }
    expect(found).toEqual({});
  });
});

test('what happens in a clean account is judged when its event comes', async () => {
  const outcomes = await judgeHappenings(cleanAccount(BASE));
  expect(outcomes.length).toBeGreaterThan(10);
  expect(outcomes.filter(({ missed, extra }) => missed.length + extra.length > 0)).toEqual([]);
});
