#!/usr/bin/env bash
# dji_srt_parser@1.2.4 (npm, pinned below), the flight of a drone from the subtitles of its video: a drone of today stays on the ground. Its altitude
# is written as rel_alt and abs_alt (Mini 3 Pro and later); both are read, and neither is taken for an altitude. GeoJSON has no third number,
# the vertical speed is 0 and the distance is that on the ground, whatever the climb. With the BAROMETER of older drones all three are right.
# - Forty metres over the antimeridian go from Australia to Brazil: positions are smoothed by default, as the mean of the numbers on both sides.
#
# Seen on 2026-11-30 with Node 20.20.2, for five seconds straight up at 5 m/s (18 km/h):
#   rel_alt, abs_alt | read 30 180 | GeoJSON -97.74,30.26 | vertical 0 km/h | distance 0 m
#   BAROMETER | read 30 | GeoJSON -97.74,30.26,30 | vertical 18 km/h | distance 20 m
#   from 179.9998 to -179.9998 | 135.0 90.0 45.0 0.0 -45.0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund dji_srt_parser@1.2.4

cat >probe.cjs <<'JS'
const DJISRTParser = require('dji_srt_parser');

const SECONDS = [0, 1, 2, 3, 4];
const subtitle = (second, lines) => `${second + 1}\n00:00:0${second},000 --> 00:00:0${second + 1},000\n${lines}\n\n`;
const today = (second, longitude, latitude, up) => subtitle(second, `<font size="28">FrameCnt: ${second + 1}, DiffTime: 1000ms
2026-03-01 12:00:0${second}.000
[iso: 100] [shutter: 1/500.0] [fnum: 2.8] [ev: 0] [latitude: ${latitude}] [longitude: ${longitude}] [rel_alt: ${up} abs_alt: ${up + 150}] </font>`);
const older = (second, longitude, latitude, up) => subtitle(second, `HOME(${longitude},${latitude}) 2026.03.01 12:00:0${second}
GPS(${longitude},${latitude},15) BAROMETER:${up}
ISO:100 Shutter:60 EV:0 Fnum:2.2`);

for (const [name, write, keys] of [['rel_alt, abs_alt', today, ['REL_ALT', 'ABS_ALT']], ['BAROMETER', older, ['BAROMETER']]]) {
  const flight = DJISRTParser(SECONDS.map((second) => write(second, -97.74, 30.26, 10 + second * 5)).join(''), 'flight.SRT');
  flight.setSmoothing(0);
  const { packets } = flight.metadata();
  const last = packets.at(-1);
  const place = JSON.parse(flight.toGeoJSON()).features[0].geometry.coordinates.at(-1);
  console.log(`${name} | read ${keys.map((key) => last[key]).join(' ')} | GeoJSON ${place} | ` +
    `vertical ${Math.round(last.SPEED.VERTICAL)} km/h | distance ${Math.round(last.DISTANCE)} m`);
}
const longitudes = [179.9998, 179.9999, 180, -179.9999, -179.9998];
const ferry = DJISRTParser(SECONDS.map((second) => today(second, longitudes[second], -16.8, 10)).join(''), 'ferry.SRT');
const read = ferry.metadata().packets.map(({ GPS }) => GPS.LONGITUDE.toFixed(1));
console.log(`from 179.9998 to -179.9998 | ${read.join(' ')}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
rel_alt, abs_alt | read 30 180 | GeoJSON -97.74,30.26 | vertical 0 km/h | distance 0 m
BAROMETER | read 30 | GeoJSON -97.74,30.26,30 | vertical 18 km/h | distance 20 m
from 179.9998 to -179.9998 | 135.0 90.0 45.0 0.0 -45.0
TEXT
echo "as described: altitudes are read and not used, and places are means over the antimeridian"
