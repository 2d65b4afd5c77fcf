import { expect, test } from '@jest/globals';
import { withArticle } from '../../../shared/text/with-article.ts';

test.each([
  ['training-job', 'a training-job'],
  ['automl-job', 'an automl-job'],
  ['AutoML', 'an AutoML'],
  ['EMR', 'an EMR'],
  ['inference-recommendations-job', 'an inference-recommendations-job'],
  ['scp', 'an scp'],
  ['rcp policy', 'an rcp policy'],
  ['user', 'a user'],
  ['role', 'a role'],
])('%s becomes %s', (noun, told) => {
  expect(withArticle(noun)).toBe(told);
});
