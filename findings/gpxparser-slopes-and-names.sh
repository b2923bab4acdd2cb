#!/usr/bin/env bash
# gpxparser@3.0.8 (npm, pinned below): much of what it computes and reads is not what the file says.
# - A slope is the climb of one leg over the length of the next, so the last is infinite, or NaN where it is flat. A point without an altitude
#   is at 0 there: a level road at 300 m has slopes of 270 %.
# - The highest or lowest point is null where it is at 0 m, as a coast is.
# - A name with & is "A &amp; B", and a description in CDATA comes with its marks. Both are one text in XML however they are written.
# - A track without a name has that of its first point that has one, and a file without a name has its author's.
# - The segments of a track are joined: the way between them, where the receiver was off, counts as distance.
#
# Seen with Node 20.20.2:
#   climbs 10 m in 111 m, then level for 222 m | slopes 4.5, NaN | lowest null
#   300 m, none, 300 m | slopes -269.8, Infinity
#   A & B | A &amp; B | <![CDATA[by the lake]]>
#   no name | Guadalupe, of a point | Ann, of the author
#   two segments of 111 m, 111 km apart | 111306 m
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund gpxparser@3.0.8

cat >probe.cjs <<'JS'
const GpxParser = require('gpxparser');

function read(inside) {
  const gpx = new GpxParser();
  gpx.parse(`<gpx version="1.1" creator="c" xmlns="http://www.topografix.com/GPX/1/1">${inside}</gpx>`);
  return gpx;
}
const point = (lon, ele, name) =>
  `<trkpt lat="0" lon="${lon}">${ele === undefined ? '' : `<ele>${ele}</ele>`}${name ? `<name>${name}</name>` : ''}</trkpt>`;
const track = (...segments) => `<trk>${segments.map((points) => `<trkseg>${points.join('')}</trkseg>`).join('')}</trk>`;
const slopes = ({ slopes }) => slopes.map((slope) => (Number.isFinite(slope) ? slope.toFixed(1) : slope)).join(', ');
const line = (...parts) => console.log(parts.join(' | '));

const [coast] = read(track([point(0, 0), point(0.001, 10), point(0.003, 10)])).tracks;
line('climbs 10 m in 111 m, then level for 222 m', `slopes ${slopes(coast)}`, `lowest ${coast.elevation.min}`);
const [level] = read(track([point(0, 300), point(0.001), point(0.002, 300)])).tracks;
line('300 m, none, 300 m', `slopes ${slopes(level)}`);
const [place] = read('<wpt lat="0" lon="0"><name>A &amp; B</name><desc><![CDATA[by the lake]]></desc></wpt>').waypoints;
line('A & B', place.name, place.desc);
const unnamed = read(`<metadata><author><name>Ann</name></author></metadata>${track([point(0, 0, 'Guadalupe'), point(1, 0)])}`);
line('no name', `${unnamed.tracks[0].name}, of a point`, `${unnamed.metadata.name}, of the author`);
const [apart] = read(track([point(0), point(0.001)], [point(1), point(1.001)])).tracks;
line('two segments of 111 m, 111 km apart', `${Math.round(apart.distance.total)} m`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
climbs 10 m in 111 m, then level for 222 m | slopes 4.5, NaN | lowest null
300 m, none, 300 m | slopes -269.8, Infinity
A & B | A &amp; B | <![CDATA[by the lake]]>
no name | Guadalupe, of a point | Ann, of the author
two segments of 111 m, 111 km apart | 111306 m
TEXT
echo "as described: slopes, lowest points, names and distances are not those of the file"
