#!/usr/bin/env bash
# weather-decoder@1.1.4 (PyPI, pinned below), "a comprehensive METAR and TAF decoder": what an airfield has not measured is fine weather. An
# automatic station whose sensor is out sends slashes (WMO 306, FM 15: the group is missing). Read, the wind is 0 kt from 0 degrees as when it is
# calm, the sight 9,999 m as when it is the best, and the pressure 29.92 inches, also where the report is in hPa. Nothing tells them from
# measurements. The temperature is 0, as in any frost.
#
# Seen with Python 3.11:
#   METAR LFPG 301730Z AUTO 24008KT 3000 BR OVC004 M01/M02 Q0998
#     wind 240 degrees, 8 KT, sight 3000 M
#     temperature -1, pressure 998 hPa
#   METAR LFPG 301730Z AUTO 00000KT 9999 BKN040 M01/M02 Q1013
#     wind 0 degrees, 0 KT, sight 9999 M
#     temperature -1, pressure 1013 hPa
#   METAR LFPG 301730Z AUTO /////KT //// // ////// ///// Q////
#     wind 0 degrees, 0 KT, sight 9999 M
#     temperature 0.0, pressure 29.92 inHg
#   METAR LFPG 301730Z AUTO 24008KT 3000 BR OVC004 M01/M02 Q////
#     wind 240 degrees, 8 KT, sight 3000 M
#     temperature -1, pressure 29.92 inHg
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check weather-decoder==1.1.4

cat >probe.py <<'PY'
from weather_decoder import MetarDecoder

for report in [
    "METAR LFPG 301730Z AUTO 24008KT 3000 BR OVC004 M01/M02 Q0998",
    "METAR LFPG 301730Z AUTO 00000KT 9999 BKN040 M01/M02 Q1013",
    "METAR LFPG 301730Z AUTO /////KT //// // ////// ///// Q////",
    "METAR LFPG 301730Z AUTO 24008KT 3000 BR OVC004 M01/M02 Q////",
]:
    metar = MetarDecoder().decode(report)
    print(report)
    print(f"  wind {metar.wind['direction']} degrees, {metar.wind['speed']} {metar.wind['unit']}, sight {metar.visibility['value']} {metar.visibility['unit']}")
    print(f"  temperature {metar.temperature}, pressure {metar.altimeter['value']} {metar.altimeter['unit']}")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
METAR LFPG 301730Z AUTO 24008KT 3000 BR OVC004 M01/M02 Q0998
  wind 240 degrees, 8 KT, sight 3000 M
  temperature -1, pressure 998 hPa
METAR LFPG 301730Z AUTO 00000KT 9999 BKN040 M01/M02 Q1013
  wind 0 degrees, 0 KT, sight 9999 M
  temperature -1, pressure 1013 hPa
METAR LFPG 301730Z AUTO /////KT //// // ////// ///// Q////
  wind 0 degrees, 0 KT, sight 9999 M
  temperature 0.0, pressure 29.92 inHg
METAR LFPG 301730Z AUTO 24008KT 3000 BR OVC004 M01/M02 Q////
  wind 240 degrees, 8 KT, sight 3000 M
  temperature -1, pressure 29.92 inHg
TEXT
echo "as described: slashes are read as no wind, the best sight and 29.92 inches"
