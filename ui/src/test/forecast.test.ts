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
    [0.999, null, 'Estimated to last until the reset', '预计能用到重置'],
    [0.949, null, 'Likely to last until the reset (about 90%)', '预计能用到重置（可能性约 90%）'],
    [0.83, null, 'Likely to last until the reset (about 80%)', '预计能用到重置（可能性约 80%）'],
    [0.5, null, 'About 50% likely to last until the reset', '预计用到重置的可能性约 50%'],
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
      'Estimated to run out Tue 09:00 – Wed 18:00',
      '预计会用完（周二 09:00 – 周三 18:00）',
    ],
    [0.04, far, 'Estimated to run out Nov 25 – Dec 3', '预计会用完（11月25日 – 12月3日）'],
    [0.05, atOnce, 'Estimated to run out 14:20 – 15:00', '预计会用完（14:20 – 15:00）'],
  ])('%d, %o', (lasts, empty, english, chinese) => {
    setLanguage('en');
    expect(forecastLine({ lasts, empty }, 'Asia/Shanghai', NOW)).toBe(english);
    setLanguage('zh-CN');
    expect(forecastLine({ lasts, empty }, 'Asia/Shanghai', NOW)).toBe(chinese);
  });
});
