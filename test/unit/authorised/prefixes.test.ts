import { describe, expect, test } from '@jest/globals';
import {
  type Answer,
  authorisedPrefix,
  describePrefixes,
  type PrefixUse,
  usablePrefix,
} from '../../../shared/authorised/prefixes.ts';
import type { Prefix } from '../../../shared/config/schema.ts';

const ROLE = 'arn:aws:iam::111122223333:role/fraud-runner';
const USE: PrefixUse = { stepTypes: ['Training'], principalArn: ROLE, pipelineName: 'fraud-daily' };
const FREE: Prefix = { prefix: 'fraud' };
const BOUND: Prefix = {
  prefix: 'fraud',
  stepTypes: ['Training', 'Tuning'],
  roles: ['arn:aws:iam::*:role/fraud-*'],
  pipelines: ['fraud-*'],
};
const UNKNOWN = { principalArn: undefined, pipelineName: undefined };

describe('whether a prefix is authorised', () => {
  test.each<[string, Prefix, Answer, Partial<PrefixUse>, Answer]>([
    ['one that is not bound', FREE, 'yes', {}, 'yes'],
    ['one that is not bound, where nothing is known', FREE, 'yes', { ...UNKNOWN, stepTypes: [] }, 'yes'],
    ['one that is not bound, for another name', FREE, 'no', {}, 'no'],
    ['one that is not bound, for a name known in part', FREE, 'unknown', {}, 'unknown'],
    ['all that it is bound to fits', BOUND, 'yes', {}, 'yes'],
    ['one of the job’s step types fits', BOUND, 'yes', { stepTypes: ['Processing', 'Tuning'] }, 'yes'],
    ['another step type', BOUND, 'yes', { stepTypes: ['Processing'] }, 'no'],
    ['a kind of job that no step makes', BOUND, 'yes', { stepTypes: [] }, 'no'],
    ['another role', BOUND, 'yes', { principalArn: 'arn:aws:iam::111122223333:role/churn' }, 'no'],
    ['a role that is not known', BOUND, 'yes', { principalArn: undefined }, 'unknown'],
    ['another pipeline', BOUND, 'yes', { pipelineName: 'churn' }, 'no'],
    ['a pipeline that is not known', BOUND, 'yes', { pipelineName: undefined }, 'unknown'],
    ['what is wrong outweighs what is not known', BOUND, 'yes', { ...UNKNOWN, stepTypes: ['Model'] }, 'no'],
    ['a pipeline, told in lower case', { prefix: 'fraud', pipelines: ['Fraud-*'] }, 'yes', {}, 'yes'],
    ['a role’s own job, of a prefix for roles and pipelines', BOUND, 'yes', { pipelineName: null }, 'yes'],
    [
      'a role’s own job, of a prefix for pipelines alone',
      { prefix: 'fraud', pipelines: ['*'] },
      'yes',
      { pipelineName: null },
      'no',
    ],
  ])('%s', (_, prefix, name, use, answer) => {
    expect(authorisedPrefix([prefix], () => name, { ...USE, ...use }).answer).toBe(answer);
  });

  test.each<[string, Answer[], Answer]>([
    ['one that is authorised is enough', ['no', 'unknown', 'yes'], 'yes'],
    ['else one that may be', ['no', 'unknown', 'no'], 'unknown'],
    ['none', ['no', 'no'], 'no'],
    ['none at all', [], 'no'],
  ])('of several prefixes, %s', (_, names, answer) => {
    const prefixes = names.map((_name, index) => ({ prefix: `p${index}` }));
    const fits = (prefix: string) => names[Number(prefix.slice(1))] ?? 'no';
    expect(authorisedPrefix(prefixes, fits, USE).answer).toBe(answer);
  });

  test('a prefix that matches the name comes before one that may match it', () => {
    const fits = (prefix: string): Answer => (prefix === 'fraud' ? 'yes' : 'unknown');
    expect(authorisedPrefix([{ prefix: 'churn' }, BOUND], fits, { ...USE, ...UNKNOWN }).hangsOn).toBe('use');
  });

  test('an unknown answer says what it hangs on', () => {
    const known = (name: Answer, use: Partial<PrefixUse>) =>
      authorisedPrefix([BOUND], () => name, { ...USE, ...use });
    expect(known('yes', UNKNOWN)).toEqual({
      answer: 'unknown',
      because:
        'prefix fraud is for roles arn:aws:iam::*:role/fraud-*, and whether that is the case here is not known',
      hangsOn: 'use',
    });
    expect(known('unknown', {})).toEqual({
      answer: 'unknown',
      because: 'whether it begins with fraud- is only known in a run',
      hangsOn: 'name',
    });
    // Else lint, which settles the use, would pass a name of which nothing is known.
    expect(known('unknown', UNKNOWN).hangsOn).toBe('name');
    expect(known('yes', { stepTypes: ['Model'] }).because).toBe(
      'prefix fraud is for step types Training, Tuning',
    );
    expect(known('no', {})).toEqual({ answer: 'no', because: '' });
  });
});

describe('the text of prefixes that may be used', () => {
  const prefixes: Prefix[] = [
    { prefix: 'pipelines' },
    { prefix: 'churn', pipelines: ['churn-*'] },
    { prefix: 'vision', stepTypes: ['Model'] },
    BOUND,
  ];

  test('lists the prefixes that fit the use', () => {
    expect(describePrefixes(prefixes, USE)).toBe('pipelines, fraud (Training, Tuning; pipelines fraud-*)');
  });

  test('lists all prefixes where none fits', () => {
    expect(describePrefixes(prefixes.slice(1, 3), USE)).toBe('churn (pipelines churn-*), vision (Model)');
  });

  test('lists eight prefixes at most', () => {
    const many = Array.from({ length: 10 }, (_, index) => ({ prefix: `p${index}` }));
    expect(describePrefixes(many, USE)).toBe('p0, p1, p2, p3, p4, p5, p6, p7 and 2 more');
  });

  test('a remedy proposes a prefix that may be used as far as is known, never SageMaker’s own', () => {
    expect(usablePrefix(prefixes, USE)).toBe('fraud');
    expect(usablePrefix(prefixes, { ...USE, principalArn: undefined })).toBe('fraud');
    expect(usablePrefix([{ prefix: 'pipelines' }], USE)).toBeUndefined();
  });
});
