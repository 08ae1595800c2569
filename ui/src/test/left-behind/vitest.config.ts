// The same setup as of all tests, for the cases of `left-behind.test.ts` alone.
import { defineConfig } from 'vitest/config';
import config from '../../../vite.config';

export default defineConfig({
  ...config,
  test: { ...config.test, include: ['src/test/left-behind/cases.ts'] },
});
