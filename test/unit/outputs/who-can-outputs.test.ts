import { expect, test } from '@jest/globals';
import { toSvg } from '../../../shared/outputs/graph/graph.tsx';
import { whoCanPicture } from '../../../shared/outputs/pages/who-can-picture.ts';
import { whoCanTable } from '../../../shared/outputs/pages/who-can-table.ts';
import type { WhoCan } from '../../../shared/who-can/who-can.ts';

const HOSTILE = 'arn:aws:iam::111122223333:role/x\nyes  role/forged\u001b[2J<script>alert(1)</script>';
const ANSWER: WhoCan = {
  account: '111122223333',
  asked: { verb: 'start', resource: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud' },
  principals: [
    {
      arn: HOSTILE,
      kind: 'role',
      isAdministrator: false,
      answer: 'unknown',
      through: [{ role: HOSTILE, why: 'a\nb' }],
      steps: [],
      why: '<b>\nforged',
    },
  ],
  outsiders: [
    { who: '<i>\n444455556666', answer: 'unknown', by: HOSTILE, at: '\u202e', conditions: [], why: 'x\ny' },
  ],
  notes: ['first\nsecond'],
};

const INVISIBLE = ['\u001b', '\u202e'];

test('no name forges a line of the table or moves the cursor', () => {
  const table = whoCanTable([ANSWER]);
  expect(table.split('\n')).toHaveLength(6);
  for (const each of INVISIBLE) expect(table).not.toContain(each);
});

test('no name is markup in the picture', () => {
  const svg = toSvg(whoCanPicture([ANSWER]));
  for (const each of ['<script', '<b>', '<i>', ...INVISIBLE]) expect(svg).not.toContain(each);
  expect(svg).toContain('<title id="graph-title">Who can start fraud</title>');
});
