import { afterEach, expect, test } from 'vitest';
import { dataOf } from '../api/web';
import { keepToken, storedToken, takeToken } from '../api/web-token';

afterEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  history.replaceState(null, '', location.pathname);
});

test.each([
  ['#token=abc123&/findings?kind=anomaly', 'abc123', '#/findings?kind=anomaly'],
  ['#token=abc123', 'abc123', ''],
  ['#token=&/use', '', '#/use'],
])('a token is taken out of the address: %s', (hash, token, left) => {
  history.replaceState(null, '', hash);
  expect(takeToken()).toBe(true);
  expect([storedToken(), location.hash]).toEqual([token, left]);
  expect(takeToken()).toBe(false);
});

test('an address without a token keeps the one that is known', () => {
  keepToken('known', false);
  history.replaceState(null, '', '#/history?token=other');
  expect(takeToken()).toBe(false);
  expect([storedToken(), location.hash]).toEqual(['known', '#/history?token=other']);
});

test('a token stays on the device only as long as that is wanted', () => {
  keepToken('first', true);
  sessionStorage.clear();
  expect(storedToken()).toBe('first');
  keepToken('second', false);
  sessionStorage.clear();
  expect(storedToken()).toBe('');
});

test.each([
  ['data: {"event":"findings"}', '{"event":"findings"}'],
  ['event: x\ndata:one\ndata: two', 'one\ntwo'],
  [': keep-alive', ''],
  ['', ''],
])('the data of a server-sent event: %j', (frame, data) => {
  expect(dataOf(frame)).toBe(data);
});
