import { describe, expect, test } from '@jest/globals';
import { isPathPattern, matchesPath } from '../../../shared/config/path-pattern.ts';

describe('isPathPattern', () => {
  test.each([
    'pipeline.json',
    'pipelines/*.json',
    '**/fraud-*.json',
    '.config/pipelines/a.json',
    'a b/ü.yaml',
  ])('%s can name a file', (text) => {
    expect(isPathPattern(text)).toBe(true);
  });

  test.each([
    ['an absolute path', '/srv/pipeline.json'],
    ['a path out of the folder', '../pipeline.json'],
    ['a path with a step nowhere', './pipeline.json'],
    ['a path of Windows', 'pipelines\\pipeline.json'],
    ['an ARN that is not whole', 'arn:aws:sagemaker.json'],
    ['an ARN in capitals', 'ARN:aws:iam::111122223333:role/a.b'],
    ['a resource without its ARN', 'pipeline/fraud-daily'],
    ['a star alone', '*'],
    ['nothing', ''],
    ['a name that ends with its dot', 'pipeline.'],
    ['a name with an ending alone', '.json'],
    ['a line end', 'a\n.json'],
  ])('%s cannot', (_, text) => {
    expect(isPathPattern(text)).toBe(false);
  });
});

describe('matchesPath', () => {
  test.each([
    ['pipelines/*.json', 'pipelines/fraud.json', true],
    ['pipelines/*.json', 'pipelines/old/fraud.json', false],
    ['pipelines/*.json', 'fraud.json', false],
    ['*.json', 'pipelines/fraud.json', false],
    ['**/*.json', 'fraud.json', true],
    ['**/*.json', 'a/b/c/fraud.json', true],
    ['a/**/fraud.json', 'a/fraud.json', true],
    ['a/**/fraud.json', 'a/b/c/fraud.json', true],
    ['a/**/fraud.json', 'b/fraud.json', false],
    ['fraud-?.json', 'fraud-1.json', true],
    ['fraud-?.json', 'fraud-12.json', false],
    ['Fraud.json', 'fraud.json', false],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(matchesPath(pattern, path)).toBe(expected);
  });

  test('many stars over a deep path take no more steps than both have segments', () => {
    const deep = Array.from({ length: 400 }, () => 'a').join('/');
    const stars = Array.from({ length: 400 }, () => '**').join('/');
    expect(matchesPath(`${stars}/b.json`, deep)).toBe(false);
  });
});
