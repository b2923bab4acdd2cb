#!/usr/bin/env bash
# flatgeobuf@4.5.0 (npm, pinned below): `serialize` takes the columns of a file from the first feature, and loses what the others have more or
# have otherwise, without an error. A property that the first feature lacks is gone from all. A text where the first had a number
# is null, a number where it had true is true, and a text that a later feature lacks is an empty one there, as if it had been given.
# The features' own ids are replaced by 0, 1, 2.
# A track of which some points have an altitude gives it to others: the altitudes are kept in a list of their own, without gaps.
#
# Seen with Node 20.20.2, written and read by the library:
#   [{},{"line":801}] | [{},{}]
#   [{"line":801},{"line":"20A"}] | [{"line":801},{"line":null}]
#   [{"full":true},{"full":40}] | [{"full":true},{"full":true}]
#   [{"stop":"Guadalupe"},{}] | [{"stop":"Guadalupe"},{"stop":""}]
#   ids 17, 18 | 0, 1
#   [[0,0],[1,1,101]] | [[0,0,101],[1,1,null]]
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund flatgeobuf@4.5.0

cat >probe.mjs <<'JS'
import { deserialize, serialize } from 'flatgeobuf/lib/mjs/geojson.js';

async function again(features) {
  const read = [];
  for await (const feature of deserialize(serialize({ type: 'FeatureCollection', features }))) read.push(feature);
  return read;
}
const at = (properties, id) => ({ type: 'Feature', id, geometry: { type: 'Point', coordinates: [0, 0] }, properties });

for (const properties of [
  [{}, { line: 801 }],
  [{ line: 801 }, { line: '20A' }],
  [{ full: true }, { full: 40 }],
  [{ stop: 'Guadalupe' }, {}],
]) {
  const read = await again(properties.map((each) => at(each)));
  console.log(`${JSON.stringify(properties)} | ${JSON.stringify(read.map((feature) => feature.properties))}`);
}
const ids = await again([at({ line: 801 }, 17), at({ line: 803 }, 18)]);
console.log(`ids 17, 18 | ${ids.map((feature) => feature.id).join(', ')}`);
const coordinates = [[0, 0], [1, 1, 101]];
const [track] = await again([{ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: { line: 801 } }]);
console.log(`${JSON.stringify(coordinates)} | ${JSON.stringify(track.geometry.coordinates)}`);
JS
node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
[{},{"line":801}] | [{},{}]
[{"line":801},{"line":"20A"}] | [{"line":801},{"line":null}]
[{"full":true},{"full":40}] | [{"full":true},{"full":true}]
[{"stop":"Guadalupe"},{}] | [{"stop":"Guadalupe"},{"stop":""}]
ids 17, 18 | 0, 1
[[0,0],[1,1,101]] | [[0,0,101],[1,1,null]]
TEXT
echo "as described: what the first feature has not is lost, and altitudes move to other points"
