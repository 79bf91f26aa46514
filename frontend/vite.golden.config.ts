import { defineConfig } from "vite";

// One script that a test adds to an empty page; it is no part of the package.
export default defineConfig({
  build: {
    target: "es2022",
    outDir: "dist-golden",
    lib: { entry: "golden.ts", formats: ["iife"], name: "golden", fileName: () => "golden.js" },
  },
});
