#!/usr/bin/env bash
# time-to-seconds@1.8.0 and hhmmss@1.0.0 (npm, pinned below), times as a clock shows them and seconds: a time below zero, as of a countdown before a
# start or of a gap to who is behind, is another one, without an error. The first reads -01:30 as -30: its readme lets each part be any number, so
# the minus is the minute's alone, and -00:30 is half a minute after the start. The second writes five seconds before as -1:-1:-5, with a minus for
# each field and an hour that is not there; a minute and a half before is -1:-2:30.
# hh-mm-ss@1.2.0 (npm) reads and writes them.
#
# Seen with Node 20.20.2, what is read by time-to-seconds, hh-mm-ss, then what is written by hhmmss, hh-mm-ss:
#   read 01:30 | 90 | 90
#   read -01:30 | -30 | -90
#   read -00:30 | 30 | -30
#   read -10:05 | -595 | -605
#   read -01:00:30 | -3570 | -3630
#   write 90 | 01:30 | 01:30
#   write -5 | -1:-1:-5 | -00:05
#   write -60 | -1:-1:00 | -01:00
#   write -90 | -1:-2:30 | -01:30
#   write -3600 | -1:00:00 | -01:00:00
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund time-to-seconds@1.8.0 hhmmss@1.0.0 hh-mm-ss@1.2.0

cat >probe.cjs <<'JS'
const clock = require('hh-mm-ss');
const hhmmss = require('hhmmss');
const timeToSeconds = require('time-to-seconds');

for (const text of ['01:30', '-01:30', '-00:30', '-10:05', '-01:00:30']) {
  console.log(`read ${text} | ${timeToSeconds(text)} | ${clock.toS(text)}`);
}
for (const seconds of [90, -5, -60, -90, -3600]) {
  console.log(`write ${seconds} | ${hhmmss(seconds)} | ${clock.fromS(seconds)}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
read 01:30 | 90 | 90
read -01:30 | -30 | -90
read -00:30 | 30 | -30
read -10:05 | -595 | -605
read -01:00:30 | -3570 | -3630
write 90 | 01:30 | 01:30
write -5 | -1:-1:-5 | -00:05
write -60 | -1:-1:00 | -01:00
write -90 | -1:-2:30 | -01:30
write -3600 | -1:00:00 | -01:00:00
TEXT
echo "as described: -01:30 is read as -30, and -5 is written as -1:-1:-5"
