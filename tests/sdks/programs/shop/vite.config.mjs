import { sentryVitePlugin } from "@sentry/vite-plugin";

export default {
  build: { sourcemap: true, rollupOptions: { input: "src/main.js" } },
  plugins: [sentryVitePlugin({ release: { name: process.env.RELEASE } })],
};
