#!/usr/bin/env bash
# Build both client packages, install them in empty folders and use them as a stranger would. `make packages` runs it.
# Usage: packages.sh PYTHON, a Python with requirements/packages.txt.
set -euo pipefail
python=$(realpath --no-symlinks "$1")
cd "$(dirname "$0")"
clients=$PWD
tools=$clients/javascript/node_modules/.bin
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

echo "JavaScript: the package"
cd "$clients/javascript"
npm pack --silent --pack-destination "$folder" >/dev/null
mkdir "$folder/app"
cp tests/package/* "$folder/app"
cd "$folder/app"
echo '{"private": true}' >package.json
npm install --silent --offline --no-fund --no-audit "$folder"/stories-analytics-client-*.tgz

echo "JavaScript: require, import, types"
node use.cjs
node use.mjs
"$tools/tsc" --noEmit --strict --skipLibCheck false --types "" --lib es2022,dom --module nodenext use.ts use.cts
"$tools/tsc" --noEmit --strict --skipLibCheck false --types "" --lib es2022,dom \
    --module esnext --moduleResolution bundler use.ts

echo "JavaScript: bundled"
mkdir node_modules/electron
cp electron_stub.js node_modules/electron/index.js
for format in esm cjs; do
    extension=$([ $format = esm ] && echo mjs || echo cjs)
    # A CommonJS bundle has no await at its top.
    input=electron_main.mjs
    if [ $format = cjs ]; then
        input=electron_main_function.mjs
        awk '/^process.type/ { print "(async () => {" } { print } END { print "})();" }' electron_main.mjs >$input
    fi
    "$tools/esbuild" $input --log-level=error --bundle --platform=node --format=$format \
        --external:electron --outfile="bundled/main.$format.$extension"
    node "bundled/main.$format.$extension"
done
"$tools/esbuild" page.js --log-level=error --bundle --outfile=bundled/page.js
grep -q sa-banner bundled/page.js || { echo "error: the bundler dropped analytics.js" >&2; exit 1; }

echo "Python: the package"
# A copy, since a build leaves folders behind.
mkdir "$folder/source"
cd "$clients/python"
cp -r pyproject.toml README.md CHANGELOG.md LICENSE stories_analytics "$folder/source"
"$python" -m build --no-isolation --outdir "$folder/dist" "$folder/source" >"$folder/build.log" 2>&1 ||
    { cat "$folder/build.log" >&2; exit 1; }
"$python" -m twine --no-color check --strict "$folder"/dist/*

echo "Python: install, import, types, bots' frameworks"
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check -qq install --no-index "$folder"/dist/*.whl
mkdir "$folder/empty"
cd "$folder/empty"
"$folder/venv/bin/python" -I "$clients/python/tests/package/use_client.py"
cp "$clients/python/tests/package/use_client.py" .
"$python" -m mypy --strict --cache-dir /dev/null --python-executable "$folder/venv/bin/python" use_client.py
PYTHONPATH=$(echo "$folder"/venv/lib/python*/site-packages) "$python" "$clients/python/tests/package/use_bots.py"
