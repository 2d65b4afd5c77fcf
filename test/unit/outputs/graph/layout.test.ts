import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Edge, layersOf, ordered } from '../../../../shared/outputs/graph/layers.ts';
import { type Box, layOut, type Rectangle } from '../../../../shared/outputs/graph/layout.ts';

const edges = (...pairs: string[]): Edge[] =>
  pairs.map((pair) => ({ from: pair.charAt(0), to: pair.charAt(1) }));
const boxes = (ids: string): Box[] => [...ids].map((id) => ({ id, width: 100, height: 40 }));
const overlap = (one: Rectangle, other: Rectangle): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

describe('layersOf', () => {
  test('puts a node one below the deepest of those before it', () => {
    const layers = layersOf([...'abcd'], edges('ab', 'bc', 'ac', 'ad'));
    expect(Object.fromEntries(layers)).toEqual({ a: 0, b: 1, c: 2, d: 1 });
  });

  test('breaks circles, and takes no notice of an edge to itself or to nowhere', () => {
    expect(Object.fromEntries(layersOf([...'abc'], edges('ab', 'bc', 'ca', 'aa', 'az')))).toEqual({
      a: 0,
      b: 1,
      c: 2,
    });
  });
});

test('ordered takes crossings away', () => {
  expect(ordered([[...'ab'], [...'cd']], edges('ad', 'bc'))).toEqual([[...'ab'], [...'dc']]);
});

describe('layOut', () => {
  test('draws from top to bottom, and a long edge past the boxes between its ends', () => {
    const { places, links } = layOut(boxes('abc'), edges('ab', 'bc', 'ac'));
    const [a, b, c] = ['a', 'b', 'c'].map((id) => places.get(id));
    expect([a?.y, b?.y, c?.y]).toEqual([0, 84, 168]);
    const long = links.find(({ edge }) => edge.from === 'a' && edge.to === 'c');
    expect(long?.points).toHaveLength(4);
    for (const { x } of long?.points.slice(1, 3) ?? [])
      expect(x < (b?.x ?? 0) || x > (b?.x ?? 0) + 100).toBe(true);
  });

  test('puts what a box holds into its lanes, side by side', () => {
    const holder: Box = {
      id: 'h',
      width: 100,
      height: 40,
      lanes: [
        { label: 'if', boxes: boxes('ab') },
        { label: 'else', boxes: boxes('c') },
      ],
    };
    const { places, lanes, links } = layOut([holder, ...boxes('z')], edges('ab', 'az'));
    const [outer, ...inner] = ['h', 'a', 'b', 'c'].map((id) => places.get(id));
    for (const [index, lane] of lanes.entries()) {
      expect(outer && contains(outer, lane)).toBe(true);
      for (const place of index === 0 ? inner.slice(0, 2) : inner.slice(2))
        expect(place && contains(lane, place)).toBe(true);
    }
    expect(lanes.map(({ label }) => label)).toEqual(['if', 'else']);
    // The edge out of the box puts its other end below the whole box.
    expect(places.get('z')?.y).toBeGreaterThan((outer?.y ?? 0) + (outer?.height ?? 0));
    expect(links).toHaveLength(2);
  });

  test('puts what only an outside edge leads to beside the first box of a lane, not below its last', () => {
    const holder: Box = {
      id: 'h',
      width: 100,
      height: 40,
      lanes: [{ label: 'if', boxes: boxes('abc') }],
    };
    const { places } = layOut([...boxes('z'), holder], edges('ab', 'zc'));
    expect(places.get('c')?.y).toBe(places.get('a')?.y);
    expect(places.get('b')?.y).toBeGreaterThan(places.get('c')?.y ?? 0);
  });

  test('never lays one box over another and leaves no edge outside the picture, whatever leads where', () => {
    const ids = [...'abcdefghij'];
    const edge = fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids) });
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 30 }), (some) => {
        const { places, links, width, height } = layOut(boxes(ids.join('')), some);
        const all = [...places.values()];
        for (const [at, one] of all.entries()) {
          expect(all.slice(at + 1).filter((other) => overlap(one, other))).toEqual([]);
          expect(contains({ x: 0, y: 0, width, height }, one)).toBe(true);
        }
        const outside = links.flatMap(({ points }) => points).filter(({ x }) => x < 0 || x > width);
        expect(outside).toEqual([]);
      }),
    );
  });
});

const contains = (outer: Rectangle, inner: Rectangle): boolean =>
  inner.x >= outer.x - 0.01 &&
  inner.y >= outer.y - 0.01 &&
  inner.x + inner.width <= outer.x + outer.width + 0.01 &&
  inner.y + inner.height <= outer.y + outer.height + 0.01;
