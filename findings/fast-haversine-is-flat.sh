#!/usr/bin/env bash
# fast-haversine@1.0.0 (npm, pinned below), "the fastest implementation of the haversine algorithm": it is another one. The sines are left out, which
# is right for short ways alone, and longitudes are taken as numbers: over the antimeridian, and wherever two places are more than some 114
# degrees apart, the distance is NaN. A sum of a trip with such a step is NaN, and no comparison with a limit is ever true: a fence that asks
# "nearer than 1 km?" is never entered there. Paris to New York is 9 % too far.
# s-haversine@2.0.0 computes what both are named after.
#
# Seen on 2026-11-30 with Node 20.20.2, km:
#   a block of Austin | 0.962 | 0.960
#   Taveuni, 2 km over the antimeridian | NaN | 2.129
#   Paris, New York | 6361.705 | 5837.799
#   Tokyo, San Francisco | NaN | 8269.314
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund fast-haversine@1.0.0 s-haversine@2.0.0

cat >probe.cjs <<'JS'
const fast = require('fast-haversine');
const { default: haversine } = require('s-haversine');

const kilometres = (metres) => (metres / 1000).toFixed(3);
for (const [name, from, to] of [
  ['a block of Austin', [30.26, -97.74], [30.26, -97.73]],
  ['Taveuni, 2 km over the antimeridian', [-16.8, 179.99], [-16.8, -179.99]],
  ['Paris, New York', [48.85, 2.35], [40.7, -74]],
  ['Tokyo, San Francisco', [35.7, 139.7], [37.8, -122.4]],
]) {
  const [a, b] = [from, to].map(([lat, lon]) => ({ lat, lon }));
  console.log(`${name} | ${kilometres(fast(a, b))} | ${kilometres(haversine.distance(from, to))}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
a block of Austin | 0.962 | 0.960
Taveuni, 2 km over the antimeridian | NaN | 2.129
Paris, New York | 6361.705 | 5837.799
Tokyo, San Francisco | NaN | 8269.314
TEXT
echo "as described: distances over the antimeridian are no numbers"
