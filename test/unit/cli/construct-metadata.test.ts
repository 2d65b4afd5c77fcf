import { expect, test } from '@jest/globals';
import { constructsIn } from '../../../cli/construct-metadata.ts';

const stack = (...data: string[]) => ({ type: 'aws:cdk:creationStack', data });

test('constructs are known by logical ids, with the first place of the user’s own code', () => {
  const { byId, writtenAt } = constructsIn(
    {
      '/Ml': [stack('file:///app/bin/app.ts:4 (:)', '...node internals...')],
      '/Ml/Worker/Resource': [
        { type: 'aws:cdk:logicalId', data: 'Worker1' },
        stack('...new Role2 in aws-cdk-lib...', 'file:///app/lib/ml.ts:4: (file:///app/lib/ml.ts:4:9)'),
      ],
      '/Ml/Policy/Resource': [
        {
          type: 'aws:cdk:logicalId',
          data: 'Policy1',
          trace: [
            'new Policy (/app/node_modules/aws-cdk-lib/aws-iam/lib/policy.js:1:1)',
            'at new Stack (/other/team.ts:7:3)',
          ],
        },
      ],
      '/Ml/Bare': [{ type: 'aws:cdk:logicalId', data: 'Bare' }, stack('(no user code in 10 frames)')],
    },
    '/app',
  );
  expect([...byId]).toEqual([
    ['Worker1', 'Ml/Worker/Resource'],
    ['Policy1', 'Ml/Policy/Resource'],
    ['Bare', 'Ml/Bare'],
  ]);
  expect([...writtenAt]).toEqual([
    ['Ml/Worker/Resource', 'lib/ml.ts:4:9'],
    ['Ml/Policy/Resource', '/other/team.ts:7:3'],
  ]);
});

test.each([null, [], { '/A': 1 }, { '/A': [null, { type: 'aws:cdk:logicalId', data: {} }] }])(
  'metadata of another form (%j) tell nothing',
  (metadata) => {
    const { byId, writtenAt } = constructsIn(metadata, '/app');
    expect([byId.size, writtenAt.size]).toEqual([0, 0]);
  },
);
