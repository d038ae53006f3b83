// Three projects: `unit` is what `npm run check` runs (no process of ours, no server), `real` starts kernels, pools and
// servers and is run by `npm test`, `deep` builds a server for long and is run by `npm run test:deep`. A test file says
// which by its name: x.test.ts, x.real.test.ts or x.deep.test.ts.
import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    // By itself vitest leaves one core to the editor, which on two cores is half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: ["**/*.real.test.ts", "**/*.deep.test.ts", "ui/**", "**/node_modules/**"],
          // Against a test that hangs; a busy machine is no failure.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "real",
          include: ["**/*.real.test.ts"],
          exclude: ["ui/**", "**/node_modules/**"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "deep",
          include: ["**/*.deep.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
})
