#!/usr/bin/env bash
# cron-schedule-parser@2.1.12 (npm, pinned below): the 31st is the last day of any month. In cron (crontab, 5) a day of the month is that day or
# none: `0 0 31 * *` is seven days a year, and here twelve, and `0 0 29 2 *`, once in four years, is each year. Beside another day it is itself
# again: `15,31` has no 28 February. The readme has L for the last day, which is an error in `0 0 L * *`.
# cron-parser@5.10.6 (npm) takes the day as it is.
#
# Seen with Node 20.20.2, days from 2026 on:
#   0 0 15 * *
#     cron-schedule-parser | 2026-01-15 2026-02-15 2026-03-15 2026-04-15
#     cron-parser | 2026-01-15 2026-02-15 2026-03-15 2026-04-15
#   0 0 31 * *
#     cron-schedule-parser | 2026-01-31 2026-02-28 2026-03-31 2026-04-30
#     cron-parser | 2026-01-31 2026-03-31 2026-05-31 2026-07-31
#   0 0 30 * *
#     cron-schedule-parser | 2026-01-30 2026-02-28 2026-03-30 2026-04-30
#     cron-parser | 2026-01-30 2026-03-30 2026-04-30 2026-05-30
#   0 0 29 2 *
#     cron-schedule-parser | 2026-02-28 2027-02-28 2028-02-29 2029-02-28
#     cron-parser | 2028-02-29 2032-02-29 2036-02-29 2040-02-29
#   0 0 15,31 * *
#     cron-schedule-parser | 2026-01-15 2026-01-31 2026-02-15 2026-03-15
#     cron-parser | 2026-01-15 2026-01-31 2026-02-15 2026-03-15
#   0 0 L * *
#     cron-schedule-parser | Invalid expression, W/L with non monthly frequency type
#     cron-parser | 2026-01-31 2026-02-28 2026-03-31 2026-04-30
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund cron-schedule-parser@2.1.12 cron-parser@5.10.6

cat >probe.cjs <<'JS'
const { CronExpressionParser } = require('cron-parser');
const mine = require('cron-schedule-parser');

function days(parse, expression) {
  try {
    const iterator = parse(expression, { currentDate: new Date('2026-01-01T12:00:00Z'), tz: 'UTC' });
    return Array.from({ length: 4 }, () => iterator.next().toISOString().slice(0, 10)).join(' ');
  } catch (error) {
    return error.message;
  }
}

for (const expression of ['0 0 15 * *', '0 0 31 * *', '0 0 30 * *', '0 0 29 2 *', '0 0 15,31 * *', '0 0 L * *']) {
  console.log(expression);
  console.log(`  cron-schedule-parser | ${days(mine.parseExpression, expression)}`);
  console.log(`  cron-parser | ${days((...it) => CronExpressionParser.parse(...it), expression)}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
0 0 15 * *
  cron-schedule-parser | 2026-01-15 2026-02-15 2026-03-15 2026-04-15
  cron-parser | 2026-01-15 2026-02-15 2026-03-15 2026-04-15
0 0 31 * *
  cron-schedule-parser | 2026-01-31 2026-02-28 2026-03-31 2026-04-30
  cron-parser | 2026-01-31 2026-03-31 2026-05-31 2026-07-31
0 0 30 * *
  cron-schedule-parser | 2026-01-30 2026-02-28 2026-03-30 2026-04-30
  cron-parser | 2026-01-30 2026-03-30 2026-04-30 2026-05-30
0 0 29 2 *
  cron-schedule-parser | 2026-02-28 2027-02-28 2028-02-29 2029-02-28
  cron-parser | 2028-02-29 2032-02-29 2036-02-29 2040-02-29
0 0 15,31 * *
  cron-schedule-parser | 2026-01-15 2026-01-31 2026-02-15 2026-03-15
  cron-parser | 2026-01-15 2026-01-31 2026-02-15 2026-03-15
0 0 L * *
  cron-schedule-parser | Invalid expression, W/L with non monthly frequency type
  cron-parser | 2026-01-31 2026-02-28 2026-03-31 2026-04-30
TEXT
echo "as described: the 31st is the last day of any month"
