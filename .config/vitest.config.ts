import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: '.',
    include: ['src/**/*.test.ts', 'adapters/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '.cache/**'],
    // Scenario tests start processes and own PTYs: give them room on a busy machine, and never retry.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
    maxWorkers: 2,
    env: { NODE_NO_WARNINGS: '1' },
  },
});
