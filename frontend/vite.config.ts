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
      },
    },
  },
});
