#!/usr/bin/env bash
# timelite@1.0.0 (npm, pinned below), which adds and subtracts times, such as those of laps: `sub` is often an hour short. Where the seconds have to
# borrow and the minutes don't, an hour goes as well: 11:48:20 less 2:15:47 is 8:32:33, and an hour less a second is 59 seconds. The examples of its
# readme are right, as both borrow there, or none.
# - What is below zero is another time, without a sign: 10:00 less 11:00 is 59 hours, and 0 less a second is a second.
# - `add` drops parts of a second, as laps have them. Whole times are added right.
#
# Seen with Node 20.20.2:
#   20:05:10 less 10:10:50 | 09:54:20
#   11:48:20 less 02:15:47 | 08:32:33
#   11:48:47 less 02:15:20 | 09:33:27
#   01:00:00 less 00:00:01 | 00:00:59
#   10:00:00 less 11:00:00 | 59:00:00
#   00:00:00 less 00:00:01 | 00:00:01
#   04:20:10 and 21:15:10 | 25:35:20
#   00:00:10.500 and 00:00:10.500 | 00:00:20
#   wrong of 2000 | 252
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts timelite@1.0.0

cat >probe.cjs <<'JS'
const { time } = require('timelite');

for (const [first, second] of [
  ['20:05:10', '10:10:50'],
  ['11:48:20', '02:15:47'],
  ['11:48:47', '02:15:20'],
  ['01:00:00', '00:00:01'],
  ['10:00:00', '11:00:00'],
  ['00:00:00', '00:00:01'],
]) {
  console.log(`${first} less ${second} | ${time.str(time.sub([first, second]))}`);
}
for (const [first, second] of [['04:20:10', '21:15:10'], ['00:00:10.500', '00:00:10.500']]) {
  console.log(`${first} and ${second} | ${time.str(time.add([first, second]))}`);
}
const text = (seconds) => [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((n) => String(Math.floor(n)).padStart(2, '0')).join(':');
let wrong = 0;
for (let i = 1; i <= 2000; i++) {
  const first = 43200 + ((i * 7919) % 43200);
  const second = (i * 104729) % 43200;
  wrong += time.str(time.sub([text(first), text(second)])) === text(first - second) ? 0 : 1;
}
console.log(`wrong of 2000 | ${wrong}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
20:05:10 less 10:10:50 | 09:54:20
11:48:20 less 02:15:47 | 08:32:33
11:48:47 less 02:15:20 | 09:33:27
01:00:00 less 00:00:01 | 00:00:59
10:00:00 less 11:00:00 | 59:00:00
00:00:00 less 00:00:01 | 00:00:01
04:20:10 and 21:15:10 | 25:35:20
00:00:10.500 and 00:00:10.500 | 00:00:20
wrong of 2000 | 252
TEXT
echo "as described: differences are an hour short"
