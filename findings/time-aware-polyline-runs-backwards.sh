#!/usr/bin/env bash
# time-aware-polyline@0.2.2 (npm, pinned below), Google's encoded polyline with a time for each point: a trip whose steps are not whole seconds
# comes back with other times, without an error. A difference of time is written as it is, and the bits of a number with a fraction are
# those of another one: one and a half seconds forward are two seconds back, so that a bus which reports every 1.5 s runs backwards
# through time. Steps of less than half a second are none: four fixes a second are all of one moment. Whole seconds are right.
# On the way over the antimeridian the place between two points is on the other side of the earth: from 179.9 to -179.9, half of
# the time is at 0. `getLocationsElapsedByTimestamp`, which is for the replay of a trip, answers that.
#
# Seen on 2026-11-30 with Node 20.20.2, seconds of each point, written and read by the library:
#   0 1 2 3 | 0 1 2 3
#   0 1.5 3 4.5 | 0 -2 -4 -6
#   0 0.25 0.5 0.75 1 | 0 0 0 0 0
#   0 0.999 2 | 0 -1 0
#   half of the way from 179.9 to -179.9 | 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund time-aware-polyline@0.2.2

cat >probe.cjs <<'JS'
const { TimeAwareEncoder } = require('time-aware-polyline');

const encoder = new TimeAwareEncoder();
const START = 1772366400000;
const time = (seconds) => new Date(START + seconds * 1000).toISOString();

for (const trip of [[0, 1, 2, 3], [0, 1.5, 3, 4.5], [0, 0.25, 0.5, 0.75, 1], [0, 0.999, 2]]) {
  const line = encoder.encodeTimeAwarePolyline(trip.map((seconds) => [30.26, -97.74, time(seconds)]));
  const read = encoder.decodeTimeAwarePolyline(line).map(([, , at]) => (new Date(at) - START) / 1000);
  console.log(`${trip.join(' ')} | ${read.join(' ')}`);
}
const ferry = [[-16.8, 179.9, time(0)], [-16.8, -179.9, time(10)]];
const { path } = encoder.getLocationsElapsedByTimestamp(ferry, time(5));
console.log(`half of the way from 179.9 to -179.9 | ${path.at(-1)[1]}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
0 1 2 3 | 0 1 2 3
0 1.5 3 4.5 | 0 -2 -4 -6
0 0.25 0.5 0.75 1 | 0 0 0 0 0
0 0.999 2 | 0 -1 0
half of the way from 179.9 to -179.9 | 0
TEXT
echo "as described: fractions of a second are other times, and earlier ones"
