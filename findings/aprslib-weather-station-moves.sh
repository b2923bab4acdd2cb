#!/usr/bin/env bash
# aprslib@0.7.2 (PyPI, pinned below): the wind at a weather station is told as where the station goes. In a position report with the
# symbol of a weather station (_) the seven bytes behind it are the wind's direction and speed (APRS 1.01, chapters 7 and 12). aprslib
# answers them as `course` and `speed`, and `weather` has neither `wind_direction` nor `wind_speed`. In a report without a position it
# has both.
#
# Seen with Python 3.11:
#   with a position | _ | 220 | 7.408 | {'wind_gust': 2.2352}
#   without one | None | None | None | {'wind_direction': 220, 'wind_gust': 2.2352, 'wind_speed': 1.78816}
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check aprslib==0.7.2

cat >probe.py <<'PY'
import aprslib

for name, report in [
    ("with a position", "!4903.50N/07201.75W_220/004g005t077r000p000P000h50b09900"),
    ("without one", "_10090556c220s004g005t077r000p000P000h50b09900"),
]:
    told = aprslib.parse(f"N0CALL>APRS:{report}")
    wind = {key: value for key, value in sorted(told["weather"].items()) if key.startswith("wind_")}
    print(name, told.get("symbol"), told.get("course"), told.get("speed"), wind, sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
with a position | _ | 220 | 7.408 | {'wind_gust': 2.2352}
without one | None | None | None | {'wind_direction': 220, 'wind_gust': 2.2352, 'wind_speed': 1.78816}
TEXT
echo "as described: the wind is the course and speed of the station"
