const { sentryWebpackPlugin } = require("@sentry/webpack-plugin");

module.exports = {
  mode: "production",
  entry: "./src/main.js",
  devtool: "hidden-source-map",
  output: { filename: "[name].[contenthash].js" },
  plugins: [
    sentryWebpackPlugin({
      release: { name: process.env.RELEASE },
      sourcemaps: { filesToDeleteAfterUpload: ["dist/**/*.map"] },
    }),
  ],
};
