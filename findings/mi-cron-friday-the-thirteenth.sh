#!/usr/bin/env bash
# @cheap-glitch/mi-cron@1.0.1 and its successor @fregante/mi-cron@2.0.1 (npm, pinned below), "a parser for standard cron expressions": a day of the
# month and a day of the week together mean both. In cron (crontab, 5; POSIX, crontab) they mean either: `0 0 13 * 5` is every 13th and every Friday,
# some 62 days a year, and here Friday the 13th, two or three times a year. A job moved from a server's crontab runs hardly ever.
# - `7` for Sunday, which crontab(5) has beside 0, is an expression that isn't valid (undefined), and of 5-7 only the 5 is left.
# cron-parser@5.10.6 (npm) takes both as cron does.
#
# Seen with Node 20.20.2:
#   0 0 * * 5 | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
#     successor | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
#     cron-parser | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
#   0 0 13 * * | 2026-02-13 2026-03-13 2026-04-13 2026-05-13
#     successor | 2026-02-13 2026-03-13 2026-04-13 2026-05-13
#     cron-parser | 2026-02-13 2026-03-13 2026-04-13 2026-05-13
#   0 0 13 * 5 | 2026-02-13 2026-03-13 2026-11-13 2027-08-13
#     successor | 2026-02-13 2026-03-13 2026-11-13 2027-08-13
#     cron-parser | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
#   0 0 * * 0 | 2026-02-08 2026-02-15 2026-02-22 2026-03-01
#     successor | 2026-02-08 2026-02-15 2026-02-22 2026-03-01
#     cron-parser | 2026-02-08 2026-02-15 2026-02-22 2026-03-01
#   0 0 * * 7 | undefined
#     successor | undefined
#     cron-parser | 2026-02-08 2026-02-15 2026-02-22 2026-03-01
#   0 0 * * 5-7 | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
#     successor | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
#     cron-parser | 2026-02-06 2026-02-07 2026-02-08 2026-02-13
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @cheap-glitch/mi-cron@1.0.1 @fregante/mi-cron@2.0.1 cron-parser@5.10.6

cat >probe.mjs <<'JS'
import cheap from '@cheap-glitch/mi-cron';
import * as fregante from '@fregante/mi-cron';
import { CronExpressionParser } from 'cron-parser';

const from = new Date('2026-02-01T00:00:00Z');
const run = (next) => {
  const days = [];
  for (let at = from; days.length < 4; ) {
    at = next(at);
    if (!at) return days.concat(String(at)).join(' ');
    days.push(at.toISOString().slice(0, 10));
  }
  return days.join(' ');
};
for (const text of ['0 0 * * 5', '0 0 13 * *', '0 0 13 * 5', '0 0 * * 0', '0 0 * * 7', '0 0 * * 5-7']) {
  console.log(`${text} | ${run((at) => cheap.parseCron.nextDate(text, at))}`);
  console.log(`  successor | ${run((at) => fregante.parseCron.nextDate(text, at))}`);
  const expression = CronExpressionParser.parse(text, { currentDate: from, tz: 'UTC' });
  console.log(`  cron-parser | ${run(() => expression.next().toDate())}`);
}
JS
TZ=UTC node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
0 0 * * 5 | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
  successor | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
  cron-parser | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
0 0 13 * * | 2026-02-13 2026-03-13 2026-04-13 2026-05-13
  successor | 2026-02-13 2026-03-13 2026-04-13 2026-05-13
  cron-parser | 2026-02-13 2026-03-13 2026-04-13 2026-05-13
0 0 13 * 5 | 2026-02-13 2026-03-13 2026-11-13 2027-08-13
  successor | 2026-02-13 2026-03-13 2026-11-13 2027-08-13
  cron-parser | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
0 0 * * 0 | 2026-02-08 2026-02-15 2026-02-22 2026-03-01
  successor | 2026-02-08 2026-02-15 2026-02-22 2026-03-01
  cron-parser | 2026-02-08 2026-02-15 2026-02-22 2026-03-01
0 0 * * 7 | undefined
  successor | undefined
  cron-parser | 2026-02-08 2026-02-15 2026-02-22 2026-03-01
0 0 * * 5-7 | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
  successor | 2026-02-06 2026-02-13 2026-02-20 2026-02-27
  cron-parser | 2026-02-06 2026-02-07 2026-02-08 2026-02-13
TEXT
echo "as described: a day of the month and one of the week mean both"
