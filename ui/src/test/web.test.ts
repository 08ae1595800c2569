import { afterEach, expect, test, vi } from 'vitest';
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
  ['#token=a%26b%3D%25&/use', 'a&b=%', '#/use'],
  ['#token=100%&/use', '100%', '#/use'],
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
  // The link of the same token says nothing of that.
  keepToken('first', false);
  sessionStorage.clear();
  expect(storedToken()).toBe('first');
  keepToken('second', false);
  sessionStorage.clear();
  expect(storedToken()).toBe('');
});

test('without storage a token is known until the page is left, and its keeper says so', () => {
  const blocked = (): never => {
    throw new DOMException('blocked', 'SecurityError');
  };
  const storage = {
    getItem: blocked,
    setItem: blocked,
    removeItem: blocked,
    clear: () => undefined,
  };
  vi.stubGlobal('sessionStorage', storage);
  vi.stubGlobal('localStorage', storage);
  expect(keepToken('typed', true)).toBe(false);
  expect(storedToken()).toBe('typed');
  vi.unstubAllGlobals();
});

test.each([
  ['data: {"event":"findings"}', '{"event":"findings"}'],
  ['event: x\ndata:one\ndata: two', 'one\ntwo'],
  [': keep-alive', ''],
  ['', ''],
])('the data of a server-sent event: %j', (frame, data) => {
  expect(dataOf(frame)).toBe(data);
});
