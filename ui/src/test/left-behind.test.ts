// Tests of the check in `left-behind.ts`. Its cases have a test run of their own, since they fail.
import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';

interface Outcome {
  title: string;
  status: string;
  failureMessages: string[];
}

let outcomes: Outcome[] = [];

beforeAll(() => {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
  const config = ['--config', 'src/test/left-behind/vitest.config.ts'];
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', ...config],
    { env: Object.fromEntries(env), encoding: 'utf8', maxBuffer: 16 << 20 },
  );
  expect(status, stderr).toBe(1);
  const report = JSON.parse(stdout) as { testResults: { assertionResults: Outcome[] }[] };
  outcomes = report.testResults.flatMap((file) => file.assertionResults);
}, 120_000);

const outcome = (title: string): Outcome | undefined =>
  outcomes.find((one) => one.title === `leaves ${title}`);

test.each([
  ['a timer', 'setTimeout(3600000)\n    at'],
  ['an interval', 'setInterval(3600000)\n    at'],
  ['a frame', 'requestAnimationFrame()\n    at'],
  ['a listener on the window', 'window\'s listener of "resize"\n    at'],
  ['a listener on the document', 'document\'s listener of "hashchange"\n    at'],
  ['a listener that it takes off the other phase', 'document\'s listener of "focusin"\n    at'],
  ['a rejected promise', 'a rejected promise: Error: a promise that no code waits for\n'],
  ['a timer of a made-up clock', '1 timers of the made-up clock'],
  ['a timer that its hook begins', 'setTimeout(3600000)\n    at'],
])('a test that leaves %s behind fails, and says so', (title, message) => {
  const { status, failureMessages } = outcome(title) ?? {};
  expect(status).toBe('failed');
  expect(failureMessages).toHaveLength(1);
  expect(failureMessages?.[0]).toContain(`the test left something behind:\n${message}`);
});

test.each([
  'nothing',
  'nothing but what the document times for itself',
  'nothing once its hooks have run',
])('a test that leaves %s behind passes', (title) => {
  expect(outcome(title)).toMatchObject({ status: 'passed', failureMessages: [] });
});

test('every case was run', () => {
  expect(outcomes).toHaveLength(12);
});
