// Lines for a shell that upload source maps and symbols to this server.

/** [{name, lines}]. app: its slug, of small letters, digits and hyphens. */
export const uploadLines = (server, app) => [
  {
    name: "sentry-cli, source maps",
    lines: `export SENTRY_URL='${quoted(server)}' SENTRY_AUTH_TOKEN="$TOKEN" SENTRY_ORG=stories SENTRY_PROJECT=${app}
npx @sentry/cli sourcemaps inject dist && npx @sentry/cli sourcemaps upload --release 1.2.3 dist`,
  },
  {
    name: "curl, one script with its map",
    lines:
      `curl -H "Authorization: Bearer $TOKEN" -F app=${app} -F release=1.2.3 ` +
      `-F file=@dist/app.js -F map=@dist/app.js.map '${quoted(server)}/artifacts'`,
  },
];

const quoted = (text) => text.replaceAll("'", "'\\''");
