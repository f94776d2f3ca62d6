import { sentryVitePlugin } from "@sentry/vite-plugin";

export default {
  build: { sourcemap: "hidden", rollupOptions: { input: "src/main.js" } },
  plugins: [
    sentryVitePlugin({
      release: { name: process.env.RELEASE },
      sourcemaps: { filesToDeleteAfterUpload: ["dist/**/*.map"] },
    }),
  ],
};
