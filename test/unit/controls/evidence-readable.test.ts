import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/evidence-readable.ts';
import type { Gap } from '../../../shared/domain/gap.ts';
import { gapOf } from '../../../shared/facts/gap-of.ts';
import { controlCases, definitionOf, step } from '../../support/builders/control-cases.ts';

const denied: Gap = { call: 'DescribePipeline', code: 'AccessDeniedException', message: 'not allowed' };

describe(control.id, () => {
  controlCases<{ gaps?: Gap[] }>(control, {
    given: ({ gaps = [] }) => ({ facts: { gaps } }),
    passes: { 'everything was read': {} },
    fails: {},
    isNotAvailable: {
      'a call that was refused, and again another': {
        gaps: [denied, { ...denied, call: 'GetBucketCors', code: 'ThrottlingException' }],
        told: [
          {
            subject: 'DescribePipeline',
            evidence: [['DescribePipeline', 'AccessDeniedException: not allowed']],
            remedy: 'Allow sagemaker:DescribePipeline to whoever audits',
          },
          { subject: 'GetBucketCors', evidence: [['GetBucketCors', 'ThrottlingException']] },
        ],
      },
      'something that is not there any more': {
        gaps: [{ ...denied, code: 'Absent' }],
        told: {
          subject: 'DescribePipeline',
          evidence: [['DescribePipeline', 'Absent']],
          remedy: 'find out who deleted it',
        },
      },
      'a step of an unknown type, by its name': {
        gaps: definitionOf([step('Ask', 'Quantum')]).unchecked.map(gapOf),
        told: {
          subject: 'Ask',
          evidence: [['/Steps/0', 'NotChecked: steps of type Quantum are not known to this version']],
          remedy: 'Check this step yourself',
        },
      },
      'a step of a type that is known and not judged': {
        gaps: definitionOf([step('Ask', 'Athena')]).unchecked.map(gapOf),
        told: {
          subject: 'Ask',
          evidence: [['/Steps/0', 'NotChecked: of steps of type Athena nothing is judged']],
          remedy: 'Check this step yourself',
        },
      },
      'the part of a step that is not judged': {
        gaps: definitionOf([step('Tune', 'Job')]).unchecked.map(gapOf),
        told: {
          subject: 'Tune',
          evidence: [
            ['/Steps/0', 'NotChecked: of steps of type Job it is not judged what their JobConfigDocument'],
          ],
          remedy: 'Check this step yourself',
        },
      },
      'a step that is none, by its place': {
        gaps: definitionOf([null]).unchecked.map(gapOf),
        told: {
          subject: '/Steps/0',
          evidence: [['/Steps/0', 'NotChecked: this step is not an object with a Name and a Type']],
          remedy: 'Check this step yourself: the part named here is not judged.',
        },
      },
    },
  });
});
