#!/usr/bin/env bash
# pytaf@1.2.1 (PyPI, pinned below), a decoder of METAR and TAF: of a report as all airfields of the United States send it, the pressure is gone.
# A3012 (inches of mercury) is not read; only Q1020 is. Sights of 10SM, the usual one, and of M1/4SM, the worst, are gone as well; those between are
# read. A temperature without a dew point, as a station sends in great cold, is gone too. What is not read is not said: the text that `decode_taf`
# gives is a shorter one.
#
# Seen with Python 3.11, the lines of the text for a report:
#   METAR EGLL 301720Z 24008KT 6000 OVC010 10/05 Q1020
#     Temperature: air at 10C, dewpoint at 5C
#     Pressure: 1020 hPa
#     Wind: from 240 degrees at 08 knots
#     Visibility: 6000 meters
#     Sky conditions: overcast clouds at 1000 feet
#   METAR KJFK 301751Z 31012KT 5SM OVC010 10/05 A3012
#     Temperature: air at 10C, dewpoint at 5C
#     Wind: from 310 degrees at 12 knots
#     Visibility: 5 statute miles
#     Sky conditions: overcast clouds at 1000 feet
#   METAR KJFK 301751Z 31012KT 10SM OVC010 10/05 A3012
#     Temperature: air at 10C, dewpoint at 5C
#     Wind: from 310 degrees at 12 knots
#     Sky conditions: overcast clouds at 1000 feet
#   METAR KJFK 301751Z 31012KT M1/4SM OVC010 10/05 A3012
#     Temperature: air at 10C, dewpoint at 5C
#     Wind: from 310 degrees at 12 knots
#     Sky conditions: overcast clouds at 1000 feet
#   METAR PABR 301753Z 31012KT 5SM OVC010 M28/ A2950
#     Wind: from 310 degrees at 12 knots
#     Visibility: 5 statute miles
#     Sky conditions: overcast clouds at 1000 feet
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pytaf==1.2.1

cat >probe.py <<'PY'
import pytaf

for report in [
    "METAR EGLL 301720Z 24008KT 6000 OVC010 10/05 Q1020",
    "METAR KJFK 301751Z 31012KT 5SM OVC010 10/05 A3012",
    "METAR KJFK 301751Z 31012KT 10SM OVC010 10/05 A3012",
    "METAR KJFK 301751Z 31012KT M1/4SM OVC010 10/05 A3012",
    "METAR PABR 301753Z 31012KT 5SM OVC010 M28/ A2950",
]:
    print(report)
    for line in pytaf.Decoder(pytaf.TAF(report)).decode_taf().strip().splitlines()[1:]:
        print(f"  {line.strip()}")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
METAR EGLL 301720Z 24008KT 6000 OVC010 10/05 Q1020
  Temperature: air at 10C, dewpoint at 5C
  Pressure: 1020 hPa
  Wind: from 240 degrees at 08 knots
  Visibility: 6000 meters
  Sky conditions: overcast clouds at 1000 feet
METAR KJFK 301751Z 31012KT 5SM OVC010 10/05 A3012
  Temperature: air at 10C, dewpoint at 5C
  Wind: from 310 degrees at 12 knots
  Visibility: 5 statute miles
  Sky conditions: overcast clouds at 1000 feet
METAR KJFK 301751Z 31012KT 10SM OVC010 10/05 A3012
  Temperature: air at 10C, dewpoint at 5C
  Wind: from 310 degrees at 12 knots
  Sky conditions: overcast clouds at 1000 feet
METAR KJFK 301751Z 31012KT M1/4SM OVC010 10/05 A3012
  Temperature: air at 10C, dewpoint at 5C
  Wind: from 310 degrees at 12 knots
  Sky conditions: overcast clouds at 1000 feet
METAR PABR 301753Z 31012KT 5SM OVC010 M28/ A2950
  Wind: from 310 degrees at 12 knots
  Visibility: 5 statute miles
  Sky conditions: overcast clouds at 1000 feet
TEXT
echo "as described: the pressure in inches is not there, and neither are sights of 10SM and M1/4SM"
