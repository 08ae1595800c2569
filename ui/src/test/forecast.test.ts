import { describe, expect, test } from 'vitest';
import { forecastLine } from '../format/forecast';
import { cameTrue, forecastSaid } from '../format/hindsight';
import { runsOut } from '../format/pace';
import * as fixture from '../../dev/fixture.mjs';
import type { PastForecast } from '../api/types';
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
    [
      0.999,
      null,
      'Almost certain to last until the reset (over 90%)',
      '重置前几乎肯定够用（可能性超过 90%）',
    ],
    [
      0.95,
      null,
      'Almost certain to last until the reset (over 90%)',
      '重置前几乎肯定够用（可能性超过 90%）',
    ],
    [0.949, null, 'Likely to last until the reset (about 90%)', '预计重置前够用（可能性约 90%）'],
    [0.75, null, 'Likely to last until the reset (about 80%)', '预计重置前够用（可能性约 80%）'],
    [
      0.74,
      null,
      'More likely than not to last until the reset (about 70%)',
      '重置前更可能够用（可能性约 70%）',
    ],
    [
      0.55,
      null,
      'More likely than not to last until the reset (about 60%)',
      '重置前更可能够用（可能性约 60%）',
    ],
    [
      0.5,
      null,
      'Too close to call whether it lasts until the reset',
      '重置前是否够用，现在还难以判断',
    ],
    [
      0.46,
      soon,
      'Too close to call whether it lasts until the reset',
      '重置前是否够用，现在还难以判断',
    ],
    [
      0.45,
      null,
      'More likely than not to run out before the reset (about 60%)',
      '更可能在重置前用完（可能性约 60%）',
    ],
    [
      0.2,
      null,
      'Likely to run out before the reset (about 80%)',
      '预计会在重置前用完（可能性约 80%）',
    ],
    [
      0.02,
      null,
      'Almost certain to run out before the reset (over 90%)',
      '几乎肯定会在重置前用完（可能性超过 90%）',
    ],
    [
      0.3,
      soon,
      'More likely than not to run out 16:30 – 18:10 (about 70%)',
      '更可能用完（16:30 – 18:10，可能性约 70%）',
    ],
    [
      0.2,
      soon,
      'Likely to run out 16:30 – 18:10 (about 80%)',
      '预计会用完（16:30 – 18:10，可能性约 80%）',
    ],
    [
      0.04,
      later,
      'Almost certain to run out Tue 09:00 – Wed 18:00 (over 90%)',
      '几乎肯定会用完（周二 09:00 – 周三 18:00，可能性超过 90%）',
    ],
    [
      0.04,
      far,
      'Almost certain to run out Nov 25 – Dec 3 (over 90%)',
      '几乎肯定会用完（11月25日 – 12月3日，可能性超过 90%）',
    ],
    [
      0.05,
      atOnce,
      'Almost certain to run out 14:20 – 15:00 (over 90%)',
      '几乎肯定会用完（14:20 – 15:00，可能性超过 90%）',
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
      'Almost certain to run out from Nov 25 on (over 90%)',
    );
    expect(forecastLine({ lasts: 0.04, empty: far }, 'Asia/Shanghai', NOW, reset + 2 * D)).toBe(
      'Almost certain to run out Nov 25 – Dec 3 (over 90%)',
    );
  });

  test('the card, the past and what counts as running out have one limit', () => {
    setLanguage('en');
    const past = (lasts: number) => ({
      ...(fixture.hindsight().forecasts[0] as PastForecast),
      forecast: { lasts, empty: null },
    });
    for (const lasts of [0.41, 0.45, 0.46, 0.5, 0.54, 0.55, 0.59]) {
      const forecast = { lasts, empty: null };
      const even = forecastLine(forecast, 'UTC', NOW).startsWith('Too close to call');
      expect(forecastSaid(past(lasts), 'UTC', NOW) === 'Too close to call', `${lasts}`).toBe(even);
      expect(cameTrue(past(lasts)) === null, `${lasts}`).toBe(even);
      expect(runsOut(forecast), `${lasts}`).toBe(lasts < 0.5 && !even);
    }
  });
});
