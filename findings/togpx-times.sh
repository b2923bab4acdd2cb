#!/usr/bin/env bash
# togpx@0.5.4 (npm, pinned below) goes from GeoJSON back to GPX, and takes the times of a track from `times` or `coordTimes`. With what either
# togeojson writes of a track in two segments, as a receiver makes one that was off for a while, each in a list of its own:
# - of @mapbox/togeojson@0.16.2, which has them in `coordTimes`, every point gets all times of a segment, and of the segment that has
#   the point's number. GPX allows one time for a point.
# - of @tmcw/togeojson@7.1.3, its successor, which has them in `coordinateProperties.times`, no point gets a time. So it is with one
#   segment. Nothing is said.
#
# Seen with Node 20.20.2, a line for each point, its time in the file and in the GPX that comes back by way of the one and the other:
#   12:00:00 | 12:00:00 12:00:10 | none
#   12:00:10 | 13:00:00 13:00:10 | none
#   13:00:00 | 12:00:00 12:00:10 | none
#   13:00:10 | 13:00:00 13:00:10 | none
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund togpx@0.5.4 @mapbox/togeojson@0.16.2 @tmcw/togeojson@7.1.3 @xmldom/xmldom@0.9.12

cat >probe.mjs <<'JS'
import mapbox from '@mapbox/togeojson';
import * as tmcw from '@tmcw/togeojson';
import { DOMParser } from '@xmldom/xmldom';
import togpx from 'togpx';

const clocks = [['12:00:00', '12:00:10'], ['13:00:00', '13:00:10']];
const point = (clock) => `<trkpt lat="30.26" lon="-97.74"><time>2026-03-01T${clock}Z</time></trkpt>`;
const segments = clocks.map((segment) => `<trkseg>${segment.map(point).join('')}</trkseg>`).join('');
const file = `<gpx version="1.1" creator="c" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>801</name>${segments}</trk></gpx>`;

/** The times of each point after the file was made GeoJSON by `gpx` and GPX again. */
function times(gpx) {
  const points = togpx(gpx(new DOMParser().parseFromString(file, 'text/xml'))).split('<trkpt ').slice(1);
  return points.map((text) => (text.match(/<time>[^<]*/g) ?? ['none']).map((time) => time.slice(17, 25) || time).join(' '));
}
const [one, other] = [times(mapbox.gpx), times(tmcw.gpx)];
clocks.flat().forEach((clock, i) => console.log(`${clock} | ${one[i]} | ${other[i]}`));
JS
node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
12:00:00 | 12:00:00 12:00:10 | none
12:00:10 | 13:00:00 13:00:10 | none
13:00:00 | 12:00:00 12:00:10 | none
13:00:10 | 13:00:00 13:00:10 | none
TEXT
echo "as described: times are multiplied or lost on the way through GeoJSON"
