import { defineConfig } from "vite";

export default defineConfig({
  // The page lives under any prefix, so every address is relative.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    outDir: "../tb_animate/static",
    emptyOutDir: true,
    modulePreload: false,
    rollupOptions: {
      input: "src/index.ts",
      // TensorBoard calls the entry's render(): its exports must survive.
      preserveEntrySignatures: "strict",
      output: {
        format: "es",
        entryFileNames: "index.js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
        // All that the page begins with is one file: else what parts that come later share
        // with it would be many small ones. The entry only names it, as it is never cached.
        codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] },
      },
    },
  },
});
