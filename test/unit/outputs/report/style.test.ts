import { describe, expect, test } from '@jest/globals';
import { STYLE } from '../../../../shared/outputs/report/style.ts';

/** The colours of a theme: the first ones are those of the light one, over which the dark one stands. */
const [light = {}, overlaid = {}] = [...STYLE.matchAll(/:root\{([^}]*)\}/g)].map(([, body = '']) =>
  Object.fromEntries(
    [...body.matchAll(/--(\w+):(#[0-9a-f]{3,6})\b/g)].map(([, name = '', value = '']) => [name, value]),
  ),
);
const themes: [string, Record<string, string>][] = [
  ['light', light],
  ['dark', { ...light, ...overlaid }],
];

/** The relative luminance of a colour (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance). */
const luminance = (colour: string): number => {
  const digits =
    colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit) : colour.slice(1).match(/../g);
  const [red = 0, green = 0, blue = 0] = (digits ?? []).map((pair) => {
    const part = Number.parseInt(pair, 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one = '', other = ''): number => {
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
};

/** In the order in which bars and layers show them side by side. */
const SIDE_BY_SIDE = ['critical', 'high', 'medium', 'low', 'informational', 'unread'];

describe.each(themes)('the colours of the %s page', (_name, colours) => {
  test('severities that stand side by side differ by a contrast of 3', () => {
    const pairs = SIDE_BY_SIDE.slice(1).map((name, index) => [SIDE_BY_SIDE[index] ?? '', name]);
    const tooAlike = pairs.filter(([one = '', other = '']) => contrast(colours[one], colours[other]) < 3);
    expect(tooAlike).toEqual([]);
  });

  test('each severity is readable before the page, a panel, and behind its own label', () => {
    const unreadable = SIDE_BY_SIDE.filter((name) =>
      ['bg', 'panel', 'on'].some((behind) => contrast(colours[name], colours[behind]) < 4.5),
    );
    expect(unreadable).toEqual([]);
  });
});
