import { describe, expect, test } from 'vitest';
import { forecastLine } from '../format/forecast';
import { setLanguage } from './render';

const NOW = Date.parse('2026-11-22T06:20:00Z');
const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;
const at = (ms: number): string => new Date(NOW + ms).toISOString();

describe('the text of a forecast follows its probability', () => {
  const soon = { from: at(2 * H + 18 * MIN), to: at(3 * H + 42 * MIN) };
  const later = { from: at(43 * H), to: at(75 * H + 20 * MIN) };
  const far = { from: at(67 * H), to: at(11 * D + 3 * H) };
  const atOnce = { from: at(MIN), to: at(33 * MIN) };
  test.each([
    [0.999, null, 'Likely to last until the reset (over 90%)', '预计重置前够用（可能性超过 90%）'],
    [0.949, null, 'Likely to last until the reset (about 90%)', '预计重置前够用（可能性约 90%）'],
    [0.83, null, 'Likely to last until the reset (about 80%)', '预计重置前够用（可能性约 80%）'],
    [
      0.5,
      null,
      'Too early to say whether it lasts until the reset',
      '重置前是否够用，现在还难以判断',
    ],
    [
      0.3,
      null,
      'Likely to run out before the reset (about 70%)',
      '预计会在重置前用完（可能性约 70%）',
    ],
    [
      0.3,
      soon,
      'Likely to run out 16:30 – 18:10 (about 70%)',
      '预计会用完（16:30 – 18:10，可能性约 70%）',
    ],
    [
      0.04,
      later,
      'Likely to run out Tue 09:00 – Wed 18:00 (over 90%)',
      '预计会用完（周二 09:00 – 周三 18:00，可能性超过 90%）',
    ],
    [
      0.04,
      far,
      'Likely to run out Nov 25 – Dec 3 (over 90%)',
      '预计会用完（11月25日 – 12月3日，可能性超过 90%）',
    ],
    [
      0.05,
      atOnce,
      'Likely to run out 14:20 – 15:00 (over 90%)',
      '预计会用完（14:20 – 15:00，可能性超过 90%）',
    ],
  ])('%d, %o', (lasts, empty, english, chinese) => {
    setLanguage('en');
    expect(forecastLine({ lasts, empty }, 'Asia/Shanghai', NOW)).toBe(english);
    setLanguage('zh-CN');
    expect(forecastLine({ lasts, empty }, 'Asia/Shanghai', NOW)).toBe(chinese);
  });

  test('a span that ends with the cycle has no end of its own', () => {
    setLanguage('en');
    const reset = NOW + 11 * D;
    expect(forecastLine({ lasts: 0.04, empty: far }, 'Asia/Shanghai', NOW, reset)).toBe(
      'Likely to run out from Nov 25 on (over 90%)',
    );
    expect(forecastLine({ lasts: 0.04, empty: far }, 'Asia/Shanghai', NOW, reset + 2 * D)).toBe(
      'Likely to run out Nov 25 – Dec 3 (over 90%)',
    );
  });
});
