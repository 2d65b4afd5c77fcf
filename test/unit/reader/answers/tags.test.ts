import { expect, test } from '@jest/globals';
import { tagsOf } from '../../../../shared/reader/answers/tags.ts';

test.each<[string, unknown, [string, string][]]>([
  ['the CLI’s', { TagSet: [{ Key: 'a', Value: 'b' }] }, [['a', 'b']]],
  ['a bare list', [{ Key: 'a', Value: 'b' }], [['a', 'b']]],
  ['a request’s, in lower case', { tags: [{ key: 'a', value: 'b' }] }, [['a', 'b']]],
  ['CloudTrail’s one tag', { Tagging: { TagSet: { Tag: { Key: 'a', Value: true } } } }, [['a', 'true']]],
  [
    'CloudTrail’s two',
    { TagSet: { Tag: [{ Key: 'a', Value: 1 }, { Key: 'b' }] } },
    [
      ['a', '1'],
      ['b', ''],
    ],
  ],
  ['an empty set', { TagSet: [] }, []],
  ['an empty element', { Tagging: { TagSet: '' } }, []],
])('tags are read from %s', (_, document, expected) => {
  expect(tagsOf(document)).toEqual(new Map(expected));
});

test.each([[null], ['x'], [{}], [{ TagSet: ['a'] }], [{ TagSet: [{ Value: 'b' }] }]])(
  '%j holds no tags',
  (document) => {
    expect(tagsOf(document)).toBeUndefined();
  },
);
