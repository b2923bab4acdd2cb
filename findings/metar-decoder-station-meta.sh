#!/usr/bin/env bash
# metar-decoder@1.0.2 (PyPI, pinned below), weather reports of airfields (METAR): all automatic stations are one, META. In `METAR LFPG 301730Z AUTO
# …`, as those without an observer report, the station is the first four letters of the word METAR. On a map each takes the place of the one before.
# - A sight of less than a mile is one of several: 3/4SM is 4 miles, 1/2SM is 2, M1/4SM (less than a quarter) is 4. 1 1/2SM is right. P6SM (more than
#   six) is none.
# - T00831033, which American stations add for the temperature and dew point in tenths (8.3 and -3.3), is read as the highest and lowest temperature
#   of 24 hours. The group that has these, 401280011, is not read.
#
# Seen with Python 3.11:
#   METAR LFPG 301730Z 24008KT 3000 BR OVC004 M01/M02 Q0998 | LFPG
#   METAR LFPG 301730Z AUTO 24008KT 3000 BR OVC004 M01/M02 Q0998 | META
#   METAR EFHK 301720Z AUTO 24015KT 9999 SCT025 02/M01 Q1013 | META
#   10SM | 10.0 | 16093
#   1 1/2SM | 1.5 | 2414
#   3/4SM | 4.0 | 6437
#   1/2SM | 2.0 | 3219
#   M1/4SM | 4.0 | 6437
#   P6SM | None | None
#   T00831033 | 8.3 | -3.3
#   401280011 | None | None
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check metar-decoder==1.0.2

cat >probe.py <<'PY'
from metar_decoder.decoder import MetarDecoder


def read(report, *names):
    flat = MetarDecoder(report).to_flat_dict()
    return [flat.get(name) for name in names]


for report in [
    "METAR LFPG 301730Z 24008KT 3000 BR OVC004 M01/M02 Q0998",
    "METAR LFPG 301730Z AUTO 24008KT 3000 BR OVC004 M01/M02 Q0998",
    "METAR EFHK 301720Z AUTO 24015KT 9999 SCT025 02/M01 Q1013",
]:
    print(report, *read(report, "station"), sep=" | ")
for sight in ["10SM", "1 1/2SM", "3/4SM", "1/2SM", "M1/4SM", "P6SM"]:
    print(sight, *read(f"METAR KJFK 301751Z 31012KT {sight} BKN010 08/M03 A3012", "visibility_sm", "visibility_m"), sep=" | ")
for remark in ["T00831033", "401280011"]:
    report = f"METAR KJFK 301751Z 31012KT 10SM BKN010 08/M03 A3012 RMK AO2 {remark}"
    print(remark, *read(report, "temp_max_24h_c", "temp_min_24h_c"), sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
METAR LFPG 301730Z 24008KT 3000 BR OVC004 M01/M02 Q0998 | LFPG
METAR LFPG 301730Z AUTO 24008KT 3000 BR OVC004 M01/M02 Q0998 | META
METAR EFHK 301720Z AUTO 24015KT 9999 SCT025 02/M01 Q1013 | META
10SM | 10.0 | 16093
1 1/2SM | 1.5 | 2414
3/4SM | 4.0 | 6437
1/2SM | 2.0 | 3219
M1/4SM | 4.0 | 6437
P6SM | None | None
T00831033 | 8.3 | -3.3
401280011 | None | None
TEXT
echo "as described: automatic stations are META, and 3/4 of a mile are four"
