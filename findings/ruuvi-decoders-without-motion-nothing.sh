#!/usr/bin/env bash
# ruuvi-decoders@0.2.0 (PyPI, pinned below), what sensors by Ruuvi broadcast: in format 5 each value has a mark for "not available". Where that is
# the acceleration (0x8000), as of a tag without such a sensor or one whose sensor has failed, all of the measurement is None: temperature, humidity
# and pressure, which are there, are gone. Nothing is raised; a traceback is printed.
# The marks of the counters, 255 movements and number 65535, are counts. Where they stay so, whoever tells new measurements by their number drops all
# but the first.
#
# Seen with Python 3.11, what is not available, and what is read (the first is Ruuvi's own test vector):
#   all is | 24.3 | 53.49 | 1000.44 | 4 | 2977 | 66 | 205
#   the temperature | None | 53.49 | 1000.44 | 4 | 2977 | 66 | 205
#   the pressure | 24.3 | 53.49 | None | 4 | 2977 | 66 | 205
#   the acceleration | None
#   movements and number | 24.3 | 53.49 | 1000.44 | 4 | 2977 | 255 | 65535
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check ruuvi-decoders==0.2.0

cat >probe.py <<'PY'
from ruuvi_decoders import Df5Decoder

NAMES = ["temperature", "humidity", "pressure", "acceleration_x", "battery", "movement_counter", "measurement_sequence_number"]
for what, data in [
    ("all is", "0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"),
    ("the temperature", "0580005394C37C0004FFFC040CAC364200CDCBB8334C884F"),
    ("the pressure", "0512FC5394FFFF0004FFFC040CAC364200CDCBB8334C884F"),
    ("the acceleration", "0512FC5394C37C800080008000AC364200CDCBB8334C884F"),
    ("movements and number", "0512FC5394C37C0004FFFC040CAC36FFFFFFCBB8334C884F"),
]:
    read = Df5Decoder().decode_data(data)
    print(what, *(read[name] for name in NAMES) if read else [read], sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
all is | 24.3 | 53.49 | 1000.44 | 4 | 2977 | 66 | 205
the temperature | None | 53.49 | 1000.44 | 4 | 2977 | 66 | 205
the pressure | 24.3 | 53.49 | None | 4 | 2977 | 66 | 205
the acceleration | None
movements and number | 24.3 | 53.49 | 1000.44 | 4 | 2977 | 255 | 65535
TEXT
echo "as described: without an acceleration there is no measurement"
