#!/usr/bin/env bash
# gtimes@0.6.0 (PyPI, pinned below), for "high-precision GPS time": what GPS time and UTC are depends on the computer that asks.
# - GPS time of a UTC time is half an hour early in Singapore and a quarter of an hour in Nepal: both times are taken for local ones, and the
#   zone was another one in 1980, where GPS time begins. UTC of a GPS time is as much late, and an hour early in Ireland.
# - `UTCFromGps(…, dtimeObj=True)` is documented to be UTC, and is the local time, without a zone.
# - A second with a fraction from a half on is a second late as a tuple: the fraction is added twice.
# - Without the number of leap seconds it fails where the locale en_US.UTF-8 is not installed, as in most containers: it sets it to read its table.
#
# Seen on 2026-11-30 with Python 3.11, for 12:00:00 UTC on 2026-03-01, which is second 43,218 of GPS week 2408:
#   zone | second of the week | UTC of second 43,218 | the same as an object
#   UTC | 43218.0 | 12:00 | 12:00
#   America/Chicago | 43218.0 | 12:00 | 06:00
#   Asia/Singapore | 41418.0 | 12:30 | 20:30
#   Asia/Kathmandu | 42318.0 | 12:15 | 18:00
#   Europe/Dublin | 43218.0 | 11:00 | 11:00
#   fraction | 0.25 | 0.25 | 0.5 | 1.5 | 0.75 | 1.75
#   without leap seconds | locale.Error
# (the last where the locale is not installed, which is made sure of below)
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check gtimes==0.6.0

cat >probe.py <<'PY'
import os
import sys

from gtimes.gpstime import UTCFromGps, gpsFromUTC

WEEK, SECOND, LEAP = 2408, 43218.0, 18


def clock(time):
    return f"{time[3]:02}:{time[4]:02}"


if sys.argv[1] == "zone":
    seconds = gpsFromUTC(2026, 3, 1, 12, 0, 0, leapSecs=LEAP)[1]
    told = UTCFromGps(WEEK, SECOND, leapSecs=LEAP)
    told_object = UTCFromGps(WEEK, SECOND, leapSecs=LEAP, dtimeObj=True)
    print(os.environ["TZ"], seconds, clock(told), f"{told_object:%H:%M}", sep=" | ")
elif sys.argv[1] == "fraction":
    pairs = [(part, UTCFromGps(WEEK, SECOND + part, leapSecs=LEAP)[5]) for part in (0.25, 0.5, 0.75)]
    print("fraction", *(number for pair in pairs for number in pair), sep=" | ")
else:
    try:
        print("without leap seconds", gpsFromUTC(2026, 3, 1, 12, 0, 0)[1], sep=" | ")
    except Exception as error:
        print("without leap seconds", f"{type(error).__module__}.{type(error).__name__}", sep=" | ")
PY
{
  for zone in UTC America/Chicago Asia/Singapore Asia/Kathmandu Europe/Dublin; do
    TZ=$zone env/bin/python probe.py zone
  done
  TZ=UTC env/bin/python probe.py fraction
  mkdir none
  TZ=UTC LOCPATH=$folder/none env/bin/python probe.py leap
} | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
UTC | 43218.0 | 12:00 | 12:00
America/Chicago | 43218.0 | 12:00 | 06:00
Asia/Singapore | 41418.0 | 12:30 | 20:30
Asia/Kathmandu | 42318.0 | 12:15 | 18:00
Europe/Dublin | 43218.0 | 11:00 | 11:00
fraction | 0.25 | 0.25 | 0.5 | 1.5 | 0.75 | 1.75
without leap seconds | locale.Error
TEXT
echo "as described: GPS time and UTC depend on the zone and the locales of the computer"
