#!/usr/bin/env bash
# duration-timestamp@2.26.0 (npm, pinned below), which reads durations such as 1:02:03 and 1h2m3s and writes them in six formats: it can't read what
# it writes. Of a number only the last two digits are read, and the rest is passed over without an error: 100s is nothing, 3723s, an hour and two
# minutes in its own format "0s", is 23 seconds, and 120m are 20 minutes. Hours are read so too: a race of 100:30:00 takes half an hour.
# - A minus before it and parts of a second behind it are passed over alike.
#
# Seen with Node 20.20.2:
#   1:02:03 | 3723 s
#   1h2m3s | 3723 s
#   59s | 59 s
#   90m | 5400 s
#   100s | 0 s
#   120m | 1200 s
#   3723s | 23 s
#   100:30:00 | 1800 s
#   -00:01:00 | 60 s
#   00:00:09.9 | 9 s
#   75 s as 00:00:00 | 1:15 | 75 s
#   75 s as 0s | 75s | 75 s
#   75 s as 0h0m0s | 1m15s | 75 s
#   75 s as 0h 0m 0s | 1m 15s | 75 s
#   75 s as 0 hours 0 mins 0 secs | 1 mins 15 secs | 75 s
#   75 s as 0 hours 0 minutes 0 seconds | 1 minutes 15 seconds | 75 s
#   3723 s as 00:00:00 | 1:02:03 | 3723 s
#   3723 s as 0s | 3723s | 23 s
#   3723 s as 0h0m0s | 1h2m3s | 3723 s
#   3723 s as 0h 0m 0s | 1h 2m 3s | 3723 s
#   3723 s as 0 hours 0 mins 0 secs | 1 hours 2 mins 3 secs | 3723 s
#   3723 s as 0 hours 0 minutes 0 seconds | 1 hours 2 minutes 3 seconds | 3723 s
#   363600 s as 00:00:00 | 101:00:00 | 3600 s
#   363600 s as 0s | 363600s | 0 s
#   363600 s as 0h0m0s | 101h | 3600 s
#   363600 s as 0h 0m 0s | 101h | 3600 s
#   363600 s as 0 hours 0 mins 0 secs | 101 hours | 3600 s
#   363600 s as 0 hours 0 minutes 0 seconds | 101 hours | 3600 s
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts duration-timestamp@2.26.0

cat >probe.cjs <<'JS'
const { Format, make, parse, stringify } = require('duration-timestamp');

for (const text of ['1:02:03', '1h2m3s', '59s', '90m', '100s', '120m', '3723s', '100:30:00', '-00:01:00', '00:00:09.9']) {
  console.log(`${text} | ${parse(text).total} s`);
}
for (const [hours, minutes, seconds] of [[0, 1, 15], [1, 2, 3], [101, 0, 0]]) {
  const timestamp = make({ hours, minutes, seconds });
  for (const format of Object.values(Format)) {
    const text = stringify(timestamp, format);
    console.log(`${timestamp.total} s as ${format} | ${text} | ${parse(text).total} s`);
  }
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
1:02:03 | 3723 s
1h2m3s | 3723 s
59s | 59 s
90m | 5400 s
100s | 0 s
120m | 1200 s
3723s | 23 s
100:30:00 | 1800 s
-00:01:00 | 60 s
00:00:09.9 | 9 s
75 s as 00:00:00 | 1:15 | 75 s
75 s as 0s | 75s | 75 s
75 s as 0h0m0s | 1m15s | 75 s
75 s as 0h 0m 0s | 1m 15s | 75 s
75 s as 0 hours 0 mins 0 secs | 1 mins 15 secs | 75 s
75 s as 0 hours 0 minutes 0 seconds | 1 minutes 15 seconds | 75 s
3723 s as 00:00:00 | 1:02:03 | 3723 s
3723 s as 0s | 3723s | 23 s
3723 s as 0h0m0s | 1h2m3s | 3723 s
3723 s as 0h 0m 0s | 1h 2m 3s | 3723 s
3723 s as 0 hours 0 mins 0 secs | 1 hours 2 mins 3 secs | 3723 s
3723 s as 0 hours 0 minutes 0 seconds | 1 hours 2 minutes 3 seconds | 3723 s
363600 s as 00:00:00 | 101:00:00 | 3600 s
363600 s as 0s | 363600s | 0 s
363600 s as 0h0m0s | 101h | 3600 s
363600 s as 0h 0m 0s | 101h | 3600 s
363600 s as 0 hours 0 mins 0 secs | 101 hours | 3600 s
363600 s as 0 hours 0 minutes 0 seconds | 101 hours | 3600 s
TEXT
echo "as described: 100s is nothing, and it can't read its own format"
