#!/usr/bin/env bash
# geobuf@4.0.0 (npm, pinned below, with pbf@4.0.2): "nearly lossless compression of GeoJSON", where nearly means six decimals of a coordinate. What
# else comes back other than it was, all of it valid GeoJSON:
# - A feature whose properties are {} has no member `properties` any more, which RFC 7946 demands (3.2) and programs read without a look.
# - A point of a track without an altitude, among points that have one, has that of the point before it. If the first point has none,
#   then none has: they are all at 0.
# - An empty geometry has no member `coordinates`.
# - A number from 2^64 on is an error, and nothing is written.
#
# Seen with Node 20.20.2:
#   properties | {} | undefined
#   track | [[0,0,100],[1,1,101],[2,2]] | [[0,0,100],[1,1,101],[2,2,101]]
#   track | [[0,0],[1,1,101]] | [[0,0,0],[1,1,0]]
#   empty | [] | undefined
#   number | 1e+21 | Given varint doesn't fit into 10 bytes
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund geobuf@4.0.0 pbf@4.0.2

cat >probe.mjs <<'JS'
import { decode, encode } from 'geobuf';
import Pbf from 'pbf';

const again = (geometry, properties) => decode(new Pbf(encode({ type: 'Feature', geometry, properties }, new Pbf())));
const place = { type: 'Point', coordinates: [0, 0] };
const show = (what, before, after) => console.log(`${what} | ${before} | ${after}`);

show('properties', '{}', JSON.stringify(again(place, {}).properties));
for (const coordinates of [[[0, 0, 100], [1, 1, 101], [2, 2]], [[0, 0], [1, 1, 101]]]) {
  const track = again({ type: 'LineString', coordinates }, { line: 801 });
  show('track', JSON.stringify(coordinates), JSON.stringify(track.geometry.coordinates));
}
show('empty', '[]', JSON.stringify(again({ type: 'MultiPoint', coordinates: [] }, { line: 801 }).geometry.coordinates));
try {
  show('number', 1e21, again(place, { distance: 1e21 }).properties.distance);
} catch (error) {
  show('number', 1e21, error.message);
}
JS
node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
properties | {} | undefined
track | [[0,0,100],[1,1,101],[2,2]] | [[0,0,100],[1,1,101],[2,2,101]]
track | [[0,0],[1,1,101]] | [[0,0,0],[1,1,0]]
empty | [] | undefined
number | 1e+21 | Given varint doesn't fit into 10 bytes
TEXT
echo "as described: properties and altitudes are not what they were"
