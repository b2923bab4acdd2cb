#!/usr/bin/env bash
# @we-gold/gpxjs@1.2.0 (npm, pinned below, with @xmldom/xmldom@0.9.12): the last point of a track counts for its distance, and not for its time. The
# end and the duration are those of the point before, so that a run is shorter and faster than it was, by the last step. A track of two points
# takes no time.
# - Who has fixes more than ten seconds apart never moves, whatever the speed: `movingDuration` is 0. The speed is looked for in the last ten
#   seconds only, where there is no other point. Most vehicles report less often.
# - A climb over a point without an altitude, which is optional in GPX, is no climb.
#
# Seen on 2026-11-30 with Node 20.20.2, at 3 m/s; metres, then seconds in all and in motion, then metres up and down:
#   7 fixes in 60 s | 180 m | 50 s, 50 s moving
#   11 fixes in 600 s | 1800 m | 540 s, 0 s moving
#   2 fixes in 10 s | 30 m | 0 s, 0 s moving
#   altitudes 100 none 110 105 | up none, down 5
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @we-gold/gpxjs@1.2.0 @xmldom/xmldom@0.9.12

cat >probe.mjs <<'JS'
import { parseGPXWithCustomParser } from '@we-gold/gpxjs';
import { DOMParser } from '@xmldom/xmldom';

const SPEED = 3;
const START = 1772366400000;
const METRES = 111194.93; // of a degree of latitude

function read(fixes) {
  const points = fixes.map(({ seconds, altitude }) => `<trkpt lat="${30 + (seconds * SPEED) / METRES}" lon="-97.74">
    ${altitude === undefined ? '' : `<ele>${altitude}</ele>`}<time>${new Date(START + seconds * 1000).toISOString()}</time></trkpt>`);
  const gpx = `<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>${points.join('')}</trkseg></trk></gpx>`;
  const [file, error] = parseGPXWithCustomParser(gpx, (text) => new DOMParser().parseFromString(text, 'text/xml'));
  if (error) throw error;
  return file.tracks[0];
}
for (const [count, step] of [[7, 10], [11, 60], [2, 10]]) {
  const { distance, duration } = read(Array.from({ length: count }, (_, i) => ({ seconds: i * step })));
  console.log(`${count} fixes in ${(count - 1) * step} s | ${Math.round(distance.total)} m | ` +
    `${duration.totalDuration} s, ${duration.movingDuration} s moving`);
}
const altitudes = [100, undefined, 110, 105];
const { elevation } = read(altitudes.map((altitude, i) => ({ seconds: i * 10, altitude })));
const told = altitudes.map((altitude) => altitude ?? 'none').join(' ');
console.log(`altitudes ${told} | up ${elevation.positive ?? 'none'}, down ${elevation.negative ?? 'none'}`);
JS
node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
7 fixes in 60 s | 180 m | 50 s, 50 s moving
11 fixes in 600 s | 1800 m | 540 s, 0 s moving
2 fixes in 10 s | 30 m | 0 s, 0 s moving
altitudes 100 none 110 105 | up none, down 5
TEXT
echo "as described: the last point takes no time, and who reports seldom never moves"
