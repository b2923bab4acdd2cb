#!/usr/bin/env bash
# igc2kml@0.1.0 (PyPI, pinned below), flights of gliders for Google Earth: how fast one flies depends on where to. The way between two fixes is taken
# from two of three coordinates, without the one along the earth's axis: eastward a speed is right, northward it is multiplied by the
# sine of the latitude. At the equator who flies north or south stands still, in the Alps a quarter is missing.
# - The climb is metres from fix to fix, shown as m/s: with a fix every ten seconds 1 m/s is 10.
# - After midnight (UTC) a flight goes on at the day's beginning. Its times are UTC in the file, and taken for local ones of the computer.
# - The date as recorders have written it since 2015, HFDTEDATE:, is an error, and there is no file.
#
# Seen on 2026-11-30 with Python 3.11, for 10 m/s on the ground and 1 m/s up, a fix every ten seconds:
#   at 0 | north 0.0 m/s, east 10.0 m/s
#   at 30 | north 5.0 m/s, east 10.0 m/s
#   at 47 | north 7.3 m/s, east 10.0 m/s
#   climb | 10.0
#   23:59:55 and ten seconds more | 2026-03-01 23:59:55, 2026-03-01 00:00:05
#   12:00:00 UTC in the file, in Chicago | <when>2026-03-01T18:00:00+00:00</when>
#   HFDTEDATE:010326,01 | ValueError
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check igc2kml==0.1.0

cat >probe.py <<'PY'
import math
from pathlib import Path

from igc2kml.igc2kml import parse_igc, process_data, write_kml

METRES = 111194.93  # of a degree of latitude
NOON = 43200


def degrees(value, width, letters):
    whole = int(abs(value))
    minutes = round((abs(value) - whole) * 60000)
    return f"{whole:0{width}}{minutes:05}{letters[value < 0]}"


def fix(seconds, latitude, longitude, altitude):
    seconds %= 86400
    clock = f"{seconds // 3600:02}{seconds // 60 % 60:02}{seconds % 60:02}"
    return f"B{clock}{degrees(latitude, 2, 'NS')}{degrees(longitude, 3, 'EW')}A{altitude:05}{altitude:05}"


def flight(fixes, date="HFDTE010326"):
    Path("flight.igc").write_text("\n".join(["AXXXABC", date, *(fix(*each) for each in fixes)]) + "\n")
    return process_data(*parse_igc("flight.igc"), "m/s")


def fixes(start, latitude, north, east):
    wide = math.cos(math.radians(latitude)) * METRES
    steps = range(0, 30, 10)
    return [(start + s, latitude + s * north / METRES, 7 + s * east / wide, 1000 + s) for s in steps]


for latitude in (0, 30, 47):
    north, east = (flight(fixes(NOON, latitude, *way))[0].speed[0] for way in ((10, 0), (0, 10)))
    print(f"at {latitude}", f"north {north:.1f} m/s, east {east:.1f} m/s", sep=" | ")
print("climb", flight(fixes(NOON, 47, 10, 0))[0].vario[0], sep=" | ")
night = flight(fixes(86395, 47, 10, 0))[0].t
print("23:59:55 and ten seconds more", ", ".join(map(str, night[:2])), sep=" | ")
write_kml("flight.kml", *flight(fixes(NOON, 47, 10, 0)))
when = next(line.strip() for line in Path("flight.kml").read_text().splitlines() if "<when>" in line)
print("12:00:00 UTC in the file, in Chicago", when, sep=" | ")
try:
    flight(fixes(NOON, 47, 10, 0), "HFDTEDATE:010326,01")
except ValueError as error:
    print("HFDTEDATE:010326,01", type(error).__name__, sep=" | ")
PY
TZ=America/Chicago env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
at 0 | north 0.0 m/s, east 10.0 m/s
at 30 | north 5.0 m/s, east 10.0 m/s
at 47 | north 7.3 m/s, east 10.0 m/s
climb | 10.0
23:59:55 and ten seconds more | 2026-03-01 23:59:55, 2026-03-01 00:00:05
12:00:00 UTC in the file, in Chicago | <when>2026-03-01T18:00:00+00:00</when>
HFDTEDATE:010326,01 | ValueError
TEXT
echo "as described: who flies north is slow, and climbs and times are others"
