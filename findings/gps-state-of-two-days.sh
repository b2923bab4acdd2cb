#!/usr/bin/env bash
# gps@0.9.0 (npm, pinned below), a reader of NMEA 0183 that keeps a `state` of where one is: it is of two days and two moments.
# - A sentence without a date (GGA, GLL, GNS) has the computer's date of today, also right behind one that said which day it is. When a log is
#   played, `state.time` goes to and fro between its day and today, twice a second; and around midnight a fix of 23:59:59 that is read a
#   moment later is a day ahead.
# - A receiver that has lost its fix keeps its speed and course: empty fields don't touch them. The place becomes null, and the altitude.
# - The last known place that such a receiver may send (status V) is a place like any other.
#
# Seen on 2026-11-30 with Node 20.20.2, the state behind each sentence of a log of 2020:
#   RMC, fix | 2020-03-01 12:00:00 | 30.26 -97.74 | 18.52 km/h | no altitude
#   GGA, fix | today 12:00:00 | 30.26 -97.74 | 18.52 km/h | 150 m
#   RMC, lost | 2020-03-01 12:00:01 | no place | 18.52 km/h | 150 m
#   GGA, lost | today 12:00:01 | no place | 18.52 km/h | no altitude
#   RMC, lost, last place | 2020-03-01 12:00:02 | 30.26 -97.74 | 18.52 km/h | no altitude
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund gps@0.9.0

cat >probe.cjs <<'JS'
const GPS = require('gps');

const gps = new GPS();
function sentence(body) {
  let check = 0;
  for (const letter of body) check ^= letter.charCodeAt(0);
  return `$${body}*${check.toString(16).toUpperCase().padStart(2, '0')}`;
}
const HERE = '3015.60,N,09744.40,W';
for (const [name, body] of [
  ['RMC, fix', `GPRMC,120000,A,${HERE},010.0,084.4,010320,,,A`],
  ['GGA, fix', `GPGGA,120000,${HERE},1,08,1.0,150.0,M,-22.0,M,,`],
  ['RMC, lost', 'GPRMC,120001,V,,,,,,,010320,,,N'],
  ['GGA, lost', 'GPGGA,120001,,,,,0,00,,,M,,M,,'],
  ['RMC, lost, last place', `GPRMC,120002,V,${HERE},,,010320,,,N`],
]) {
  const today = new Date().toISOString().slice(0, 10);
  gps.update(sentence(body));
  const { time, lat, lon, speed, alt } = gps.state;
  const [day, clock] = time.toISOString().slice(0, 19).split('T');
  const place = lat === null ? 'no place' : `${lat} ${lon}`;
  console.log(`${name} | ${day === today ? 'today' : day} ${clock} | ${place} | ${speed} km/h | ${alt == null ? 'no altitude' : `${alt} m`}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
RMC, fix | 2020-03-01 12:00:00 | 30.26 -97.74 | 18.52 km/h | no altitude
GGA, fix | today 12:00:00 | 30.26 -97.74 | 18.52 km/h | 150 m
RMC, lost | 2020-03-01 12:00:01 | no place | 18.52 km/h | 150 m
GGA, lost | today 12:00:01 | no place | 18.52 km/h | no altitude
RMC, lost, last place | 2020-03-01 12:00:02 | 30.26 -97.74 | 18.52 km/h | no altitude
TEXT
echo "as described: times are of two days, and speeds stay"
