// Tests that leave something behind, and tests that do not. They are run by `left-behind.test.ts`, which lists
// those that must fail, with their messages.
import { afterEach, onTestFinished, test, vi } from 'vitest';

const HOUR = 3_600_000;
const nothing = (): void => undefined;

test('leaves a timer', () => {
  setTimeout(nothing, HOUR);
});
test('leaves an interval', () => {
  setInterval(nothing, HOUR);
});
test('leaves a frame', () => {
  const again = (): void => void requestAnimationFrame(again);
  again();
});
test('leaves a listener on the window', () => {
  addEventListener('resize', nothing);
});
test('leaves a listener on the document', () => {
  document.addEventListener('hashchange', nothing, { once: true });
});
test('leaves a listener that it takes off the other phase', () => {
  document.addEventListener('focusin', nothing, true);
  document.removeEventListener('focusin', nothing);
});
test('leaves a rejected promise', () => {
  void Promise.reject(new Error('a promise that no code waits for'));
});
test('leaves a timer of a made-up clock', () => {
  vi.useFakeTimers();
  setTimeout(nothing, HOUR);
});
test('leaves a timer that its hook begins', () => {
  onTestFinished(() => void setTimeout(nothing, HOUR));
});

// What earlier tests left must not count here.
test('leaves nothing', async () => {
  await new Promise((done) => setTimeout(done, 1));
  await new Promise((done) => requestAnimationFrame(done));
  const repeated = setInterval(nothing, HOUR);
  clearInterval(Number(repeated));
  cancelAnimationFrame(requestAnimationFrame(nothing));
  addEventListener('resize', nothing);
  removeEventListener('resize', nothing);
  document.addEventListener('visibilitychange', nothing, { once: true });
  document.dispatchEvent(new Event('visibilitychange'));
  const controller = new AbortController();
  document.addEventListener('focusin', nothing, { capture: true, signal: controller.signal });
  controller.abort();
  await Promise.reject(new Error('caught')).catch(nothing);
  vi.useFakeTimers();
  clearTimeout(setTimeout(nothing, HOUR));
});
test('leaves nothing but what the document times for itself', () => {
  const field = document.createElement('input');
  document.body.append(field);
  field.focus();
  field.remove();
});
test('leaves nothing once its hooks have run', () => {
  const timer = setTimeout(nothing, HOUR);
  onTestFinished(() => clearTimeout(timer));
  document.addEventListener('visibilitychange', nothing);
});
afterEach(() => document.removeEventListener('visibilitychange', nothing));
