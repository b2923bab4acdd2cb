#!/usr/bin/env bash
# @datasert/cronjs-matcher@1.4.0 (npm, pinned below): on the day when clocks go back, an hour of a job that runs every hour or every few minutes is
# missing. Between 1:00 and 2:00 New York has two hours that day; the first is taken, and from its end the next match is 2:00, an hour and more later.
# A job each five minutes has a gap of 65 minutes. crontab(8) of Debian and cronie say that jobs with a wild card in hour or minute run by the clock
# as it goes, and cron-parser@5.10.6 (npm) has 25 such hours. On the day when clocks go forward a time comes twice: the hour that is left out is the
# next one, and that comes after it again. With UTC all is right.
#
# Seen with Node 20.20.2:
#   0 * * * * America/New_York from 2026-11-01T04:30:00Z | 05:00 07:00 08:00 09:00
#     cron-parser | 05:00 06:00 07:00 08:00
#   */20 * * * * America/New_York from 2026-11-01T05:10:00Z | 05:20 05:40 07:00 07:20 07:40 08:00 08:20
#     cron-parser | 05:20 05:40 06:00 06:20 06:40 07:00 07:20
#   0 * * * * Europe/Berlin from 2026-10-24T23:30:00Z | 00:00 02:00 03:00 04:00
#     cron-parser | 00:00 01:00 02:00 03:00
#   0 * * * * UTC from 2026-11-01T04:30:00Z | 05:00 06:00 07:00 08:00
#     cron-parser | 05:00 06:00 07:00 08:00
#   0 * * * * America/New_York from 2026-03-08T05:30:00Z | 06:00 07:00 07:00 08:00
#     cron-parser | 06:00 07:00 08:00 09:00
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @datasert/cronjs-matcher@1.4.0 cron-parser@5.10.6

cat >probe.cjs <<'JS'
const { getFutureMatches } = require('@datasert/cronjs-matcher');
const { CronExpressionParser } = require('cron-parser');

const show = (times) => times.map((time) => new Date(time).toISOString().slice(11, 16)).join(' ');
for (const [text, startAt, timezone, matchCount] of [
  ['0 * * * *', '2026-11-01T04:30:00Z', 'America/New_York', 4],
  ['*/20 * * * *', '2026-11-01T05:10:00Z', 'America/New_York', 7],
  ['0 * * * *', '2026-10-24T23:30:00Z', 'Europe/Berlin', 4],
  ['0 * * * *', '2026-11-01T04:30:00Z', 'UTC', 4],
  ['0 * * * *', '2026-03-08T05:30:00Z', 'America/New_York', 4],
]) {
  console.log(`${text} ${timezone} from ${startAt} | ${show(getFutureMatches(text, { startAt, timezone, matchCount }))}`);
  const parsed = CronExpressionParser.parse(text, { currentDate: startAt, tz: timezone });
  console.log(`  cron-parser | ${show(Array.from({ length: matchCount }, () => parsed.next().toISOString()))}`);
}
JS
TZ=UTC node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
0 * * * * America/New_York from 2026-11-01T04:30:00Z | 05:00 07:00 08:00 09:00
  cron-parser | 05:00 06:00 07:00 08:00
*/20 * * * * America/New_York from 2026-11-01T05:10:00Z | 05:20 05:40 07:00 07:20 07:40 08:00 08:20
  cron-parser | 05:20 05:40 06:00 06:20 06:40 07:00 07:20
0 * * * * Europe/Berlin from 2026-10-24T23:30:00Z | 00:00 02:00 03:00 04:00
  cron-parser | 00:00 01:00 02:00 03:00
0 * * * * UTC from 2026-11-01T04:30:00Z | 05:00 06:00 07:00 08:00
  cron-parser | 05:00 06:00 07:00 08:00
0 * * * * America/New_York from 2026-03-08T05:30:00Z | 06:00 07:00 07:00 08:00
  cron-parser | 06:00 07:00 08:00 09:00
TEXT
echo "as described: the second of two equal hours has no match, and a match comes twice in spring"
