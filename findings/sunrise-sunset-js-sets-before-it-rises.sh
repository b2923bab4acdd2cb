#!/usr/bin/env bash
# sunrise-sunset-js@3.3.1 (npm, pinned below), "implicit and explicit" in its support of time zones: on a server in UTC, the sun of America sets
# before it rises. What is asked for is the day of a date, and both times are put on that day of the computer's zone, whichever evening they belong
# to: the sunset of New York's 21 June is that of the 20th, and in Auckland the sunrise is that of the 22nd, after noon. "Between sunrise and sunset"
# is never true there, and a map is dark by day. Of `getTwilight`, the golden hour of the evening ends before it begins, and the blue hour is a day
# too long.
# With the option `timezone` the three times are of one day.
#
# Seen with Node 20.20.2 in UTC, of 2026-06-21T18:00:00Z, sunrise, noon, sunset, then with the option, then the evening's golden and blue hour without it:
#   London | 21T03:43 21T12:02 21T20:21 | 21T03:43 21T12:02 21T20:21 | 21T19:27 to 21T20:21, 21T20:21 to 21T20:49
#   New York | 21T09:25 21T16:57 21T00:30 | 21T09:25 21T16:57 22T00:30 | 21T23:49 to 21T00:30, 21T00:30 to 22T00:50
#   Honolulu | 21T15:50 21T22:33 21T05:15 | 21T15:50 21T22:33 22T05:15 | 22T04:43 to 21T05:15, 21T05:15 to 22T05:31
#   Auckland | 21T19:33 21T00:22 21T05:11 | 21T19:34 22T00:22 22T05:11 | 21T04:31 to 21T05:11, 21T05:11 to 21T05:29
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund sunrise-sunset-js@3.3.1

cat >probe.mjs <<'JS'
import { getSolarNoon, getSunrise, getSunset, getTwilight } from 'sunrise-sunset-js';

const date = new Date('2026-06-21T18:00:00Z');
const short = (time) => time.toISOString().slice(8, 16);
const day = (...place) => [getSunrise, getSolarNoon, getSunset].map((it) => short(it(...place))).join(' ');
for (const [name, latitude, longitude, timezone] of [
  ['London', 51.5, -0.13, 1],
  ['New York', 40.7, -74, -4],
  ['Honolulu', 21.3, -157.8, -10],
  ['Auckland', -36.85, 174.76, 12],
]) {
  const { evening: golden } = getTwilight(latitude, longitude, date).goldenHour;
  const { evening: blue } = getTwilight(latitude, longitude, date).blueHour;
  const hours = [golden, blue].map(({ start, end }) => `${short(start)} to ${short(end)}`).join(', ');
  console.log(`${name} | ${day(latitude, longitude, date)} | ${day(latitude, longitude, date, { timezone })} | ${hours}`);
}
JS
TZ=UTC node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
London | 21T03:43 21T12:02 21T20:21 | 21T03:43 21T12:02 21T20:21 | 21T19:27 to 21T20:21, 21T20:21 to 21T20:49
New York | 21T09:25 21T16:57 21T00:30 | 21T09:25 21T16:57 22T00:30 | 21T23:49 to 21T00:30, 21T00:30 to 22T00:50
Honolulu | 21T15:50 21T22:33 21T05:15 | 21T15:50 21T22:33 22T05:15 | 22T04:43 to 21T05:15, 21T05:15 to 22T05:31
Auckland | 21T19:33 21T00:22 21T05:11 | 21T19:34 22T00:22 22T05:11 | 21T04:31 to 21T05:11, 21T05:11 to 21T05:29
TEXT
echo "as described: without the option, the sun of America sets before it rises"
