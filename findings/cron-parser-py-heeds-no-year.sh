#!/usr/bin/env bash
# cron-parser-py@1.0.0 (PyPI, pinned below): its readme has six fields with seconds and seven with a year, and `next_run` heeds neither. "At 30
# seconds past midnight" is midnight, "every 10 seconds" is once a minute, and a show on New Year 2027 alone comes again in 2028 and every year behind
# it. A year that is over comes again alike. Nothing is said; `describe`, which leaves them out as well, is the only sign.
# - 29 February is a ValueError about a day out of range in each year without one.
# - A range to Sunday, which is 7 as its readme has it, is an error: 5-7 and SAT-SUN. crontab(5) has 5-7 as Friday to Sunday.
#
# Seen with Python 3.11:
#   0 9 * * MON-FRI | At 9:00 AM, Monday through Friday | 2026-02-11T09:00:00 2026-02-12T09:00:00 2026-02-13T09:00:00
#   0 0 * * 7 | At midnight, on Sundays | 2026-02-15T00:00:00 2026-02-22T00:00:00 2026-03-01T00:00:00
#   30 0 0 * * * | At midnight | 2026-02-11T00:00:00 2026-02-12T00:00:00 2026-02-13T00:00:00
#   */10 * * * * * | Every minute | 2026-02-10T10:01:00 2026-02-10T10:02:00 2026-02-10T10:03:00
#   0 0 0 1 1 ? 2027 | At midnight, on the 1st, in January | 2027-01-01T00:00:00 2028-01-01T00:00:00 2029-01-01T00:00:00
#   0 0 0 1 1 ? 2024 | At midnight, on the 1st, in January | 2027-01-01T00:00:00 2028-01-01T00:00:00 2029-01-01T00:00:00
#   0 0 29 2 * | ValueError: day is out of range for month
#   0 0 * * 5-7 | CronFieldError: Range start 5 > end 0 in day_of_week field
#   0 0 * * SAT-SUN | CronFieldError: Range start 6 > end 0 in day_of_week field
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check cron-parser-py==1.0.0

cat >probe.py <<'PY'
from datetime import datetime

import cron_parser_py

start = datetime(2026, 2, 10, 10, 0, 5)
for text in [
    "0 9 * * MON-FRI",
    "0 0 * * 7",
    "30 0 0 * * *",
    "*/10 * * * * *",
    "0 0 0 1 1 ? 2027",
    "0 0 0 1 1 ? 2024",
    "0 0 29 2 *",
    "0 0 * * 5-7",
    "0 0 * * SAT-SUN",
]:
    try:
        runs = cron_parser_py.CronParser.parse(text).next_runs(3, start)
        print(text, cron_parser_py.describe(text), " ".join(run.isoformat() for run in runs), sep=" | ")
    except Exception as error:
        print(text, f"{type(error).__name__}: {str(error).split(' (')[0]}", sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
0 9 * * MON-FRI | At 9:00 AM, Monday through Friday | 2026-02-11T09:00:00 2026-02-12T09:00:00 2026-02-13T09:00:00
0 0 * * 7 | At midnight, on Sundays | 2026-02-15T00:00:00 2026-02-22T00:00:00 2026-03-01T00:00:00
30 0 0 * * * | At midnight | 2026-02-11T00:00:00 2026-02-12T00:00:00 2026-02-13T00:00:00
*/10 * * * * * | Every minute | 2026-02-10T10:01:00 2026-02-10T10:02:00 2026-02-10T10:03:00
0 0 0 1 1 ? 2027 | At midnight, on the 1st, in January | 2027-01-01T00:00:00 2028-01-01T00:00:00 2029-01-01T00:00:00
0 0 0 1 1 ? 2024 | At midnight, on the 1st, in January | 2027-01-01T00:00:00 2028-01-01T00:00:00 2029-01-01T00:00:00
0 0 29 2 * | ValueError: day is out of range for month
0 0 * * 5-7 | CronFieldError: Range start 5 > end 0 in day_of_week field
0 0 * * SAT-SUN | CronFieldError: Range start 6 > end 0 in day_of_week field
TEXT
echo "as described: seconds and years are not heeded"
