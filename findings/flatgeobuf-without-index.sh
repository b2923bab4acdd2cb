#!/usr/bin/env bash
# flatgeobuf@0.3.1 (PyPI, pinned below) can't read what flatgeobuf@4.5.0 (npm) writes, though both are of the format's own project. The index of a
# FlatGeobuf file is optional, and the package for JavaScript never writes one; `load` of the package for Python raises on any file
# without it, also when the whole file is asked for. JavaScript reads it.
#
# Seen with Node 20.20.2 and Python 3.11:
#   JavaScript | [{"line":801},{"line":803}]
#   Python | Node size must be at least 2
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund flatgeobuf@4.5.0
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check flatgeobuf==0.3.1

cat >probe.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'flatgeobuf/lib/mjs/geojson.js';

const at = (line) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [line, 0] }, properties: { line } });
const bytes = serialize({ type: 'FeatureCollection', features: [at(801), at(803)] });
writeFileSync('lines.fgb', bytes);
const read = [];
for await (const feature of deserialize(bytes)) read.push(feature.properties);
console.log(`JavaScript | ${JSON.stringify(read)}`);
JS
cat >probe.py <<'PY'
from flatgeobuf import load

try:
    print("Python", load(open("lines.fgb", "rb")), sep=" | ")
except ValueError as error:
    print("Python", error, sep=" | ")
PY
{ node probe.mjs; env/bin/python probe.py 2>/dev/null; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
JavaScript | [{"line":801},{"line":803}]
Python | Node size must be at least 2
TEXT
echo "as described: Python can not read a file without an index, and JavaScript writes no other"
