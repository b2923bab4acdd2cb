#!/usr/bin/env bash
# influxify@0.0.3 (PyPI, pinned below, with pandas@3.1.1, which pip takes for it), from CSV to InfluxDB's line protocol: times are of another year,
# and a quarter of an hour is one moment. It takes nanoseconds for granted, to drop what is less than a second; pandas 3 counts microseconds, so that
# a thousand seconds are dropped. The server takes what is left for nanoseconds: 2026 is January 1970. Rows of one bus within a thousand seconds have
# one key then, and each is written over the one before.
# - Where each column is a number, as of bus 801, the tag is 801.0, another series than that of others, and the time is written as a float, which the
#   protocol doesn't have there (a timestamp is an integer). So it is with pandas 2 as well.
#
# Seen with Python 3.11:
#   trip,bus=B7 speed=12.5 1772366000000000 | 1970-01-21
#   trip,bus=B7 speed=13.5 1772366000000000 | 1970-01-21
#   trip,bus=B7 speed=9.5 1772366000000000 | 1970-01-21
#   trip,bus=B7 speed=0.5 1772367000000000 | 1970-01-21
#   different keys | 2
#   trip,bus=801.0 speed=12.5 1772366000000000.0 | 1970-01-21
#   trip,bus=801.0 speed=13.5 1772366000000000.0 | 1970-01-21
#   trip,bus=801.0 speed=9.5 1772366000000000.0 | 1970-01-21
#   trip,bus=801.0 speed=0.5 1772367000000000.0 | 1970-01-21
#   different keys | 2
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check influxify==0.0.3 pandas==3.1.1

cat >probe.py <<'PY'
from datetime import datetime, timezone

from influxify import InfluxConverter

for bus in ["B7", "801"]:
    with open("rows.csv", "w") as file:
        file.write("time,bus,speed\n")
        for time, speed in [("12:00:00.250", 12.5), ("12:00:10", 13.5), ("12:05:00", 9.5), ("12:20:00", 0.5)]:
            file.write(f"2026-03-01T{time}Z,{bus},{speed}\n")
    lines = InfluxConverter("rows.csv", "trip", ["bus"], ["speed"], "time").convert_csv_to_lineprotocol().splitlines()
    for line in lines:
        time = line.split(" ")[2]
        print(line, datetime.fromtimestamp(float(time) / 1e9, timezone.utc).date(), sep=" | ")
    print("different keys", len({(line.split(" ")[0], line.split(" ")[2]) for line in lines}), sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
trip,bus=B7 speed=12.5 1772366000000000 | 1970-01-21
trip,bus=B7 speed=13.5 1772366000000000 | 1970-01-21
trip,bus=B7 speed=9.5 1772366000000000 | 1970-01-21
trip,bus=B7 speed=0.5 1772367000000000 | 1970-01-21
different keys | 2
trip,bus=801.0 speed=12.5 1772366000000000.0 | 1970-01-21
trip,bus=801.0 speed=13.5 1772366000000000.0 | 1970-01-21
trip,bus=801.0 speed=9.5 1772366000000000.0 | 1970-01-21
trip,bus=801.0 speed=0.5 1772367000000000.0 | 1970-01-21
different keys | 2
TEXT
echo "as described: the times are in 1970, and rows of 1,000 s have one"
