// Two projects: `unit` is what `npm run check` runs (no process of ours, no server), `real` starts kernels, pools and
// servers and is run by `npm test` only. A test file says which by its name: x.test.ts or x.real.test.ts.
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: ["**/*.real.test.ts", "ui/**", "**/node_modules/**"],
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
    ],
  },
})
