// The design's tokens: their contrast in both themes, and that styles use them instead of values of their own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const src = join(process.cwd(), 'src');
const read = (file: string): string => readFileSync(join(src, file), 'utf8');
const theme = read('styles/theme.css');

type Tokens = Record<string, string>;

/** The custom properties of the first block that begins with `selector`. */
function tokens(selector: string): Tokens {
  const start = theme.indexOf(`${selector} {`);
  expect(start, selector).toBeGreaterThanOrEqual(0);
  const block = theme.slice(start, theme.indexOf('\n}', start));
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

const light = tokens(':root');
const themes = {
  light,
  'dark by the system': { ...light, ...tokens(":root:not([data-theme='light'])") },
  'dark by choice': { ...light, ...tokens(":root[data-theme='dark']") },
};

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast of two colours, by WCAG 2. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test('contrast is computed as WCAG defines it', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

/** Foregrounds, the backgrounds they are used on, and the least contrast. */
const PAIRS: [least: number, fronts: string[], backs: string[]][] = [
  // Figures: AAA.
  [7, ['text', 'muted', 'near', 'over'], ['surface']],
  [7, ['near'], ['near-soft']],
  [7, ['over'], ['over-soft']],
  // Text: AA.
  [4.5, ['text', 'muted', 'accent', 'near', 'over'], ['ground', 'surface', 'sunken', 'track']],
  [4.5, ['text', 'muted', 'accent'], ['near-soft', 'over-soft', 'accent-soft']],
  [4.5, ['accent-strong'], ['accent-soft', 'surface']],
  [4.5, ['on-accent'], ['accent', 'accent-strong']],
  // Graphics that carry meaning, the borders of controls, and the ring of the focus: 3.
  [3, ['fill', 'near-fill', 'over-fill', 'hatch'], ['surface', 'ground', 'track']],
  [3, ['line-strong'], ['surface', 'ground', 'sunken', 'track']],
  [3, ['focus'], ['surface', 'ground', 'sunken']],
];

describe.each(Object.entries(themes))('%s', (_, colours: Tokens) => {
  test.each(
    PAIRS.flatMap(([least, fronts, backs]) =>
      fronts.flatMap((front) => backs.map((back) => [front, back, least] as const)),
    ),
  )('%s on %s has a contrast of at least %d', (front, back, least) => {
    expect(contrast(colours[front] ?? '', colours[back] ?? '')).toBeGreaterThanOrEqual(least);
  });
});

test('both ways to the dark theme have the same colours', () => {
  expect(themes['dark by choice']).toEqual(themes['dark by the system']);
});

test('the page is painted in the ground’s colour before the styles are loaded', () => {
  const first = readFileSync(join(process.cwd(), 'index.html'), 'utf8');
  const grounds = [...first.matchAll(/background: (#\w+)/g)].map(([, colour]) => colour);
  const dark = themes['dark by choice']['ground'];
  expect(grounds).toEqual([light['ground'], dark, light['ground'], dark]);
});

test('there are six sizes of text, two weights, six spaces and four corners', () => {
  const named = (family: string): string[] =>
    Object.keys(light).filter((name) => name.startsWith(`${family}-`));
  expect(['type', 'weight', 'space', 'radius'].map((family) => named(family).length)).toEqual([
    6, 2, 6, 4,
  ]);
  for (const name of named('type')) expect(light[name]).toMatch(/rem$/);
});

/** Properties whose values are tokens, and what they may have else. */
const TOKENED = /^\s*((?:font-size|font-weight|(?:row-|column-)?gap|border-radius)):\s*([^;{]+);/gm;
const ALLOWED = /^(0|inherit|normal|var\(--(type|weight|space|radius)-\w+\))$/;

const styled = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.(svelte|css)$/.test(file));

test.each(styled)('%s takes sizes, weights, gaps and corners from the tokens', (file) => {
  const raw = [...read(file).matchAll(TOKENED)].filter(
    ([, , value = '']) =>
      !value
        .trim()
        .split(/\s+/)
        .every((part) => ALLOWED.test(part)),
  );
  expect(raw.map(([declaration]) => declaration.trim())).toEqual([]);
});

test('every token that a style uses exists', () => {
  const known = new Set(Object.keys(light));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(svelte|css)$/.test(file),
  );
  const used = files.flatMap((file) =>
    [...read(file).matchAll(/var\(--((?:type|weight|space|radius)\b[\w-]*)\)/g)].map(
      ([, name = '']) => name,
    ),
  );
  expect(used.length).toBeGreaterThan(100);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});
