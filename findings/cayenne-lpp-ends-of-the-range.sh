#!/usr/bin/env bash
# pycayennelpp@2.4.0 (PyPI) and cayenne-lpp@1.0.2 (npm, both pinned below), Cayenne LPP, in which many LoRaWAN devices send: what is at the end of a
# type's range is another value, or can't be sent. Of signed values pycayennelpp checks the range as if they were not: from half of it on they
# are negative, and nothing is said. An analog input of 400 is -255.36, a balloon at 40 km is 25 km below the ground.
# - cayenne-lpp refuses altitudes from 3,276.8 m on, the range of two bytes, where the format has three: no bus in La Paz can be sent. It
#   reads such an altitude.
# - Without an altitude, cayenne-lpp sends 0, the sea.
# - Neither rounds: 4.35 V are 4.34, and 0.29 are 0.28.
#
# Seen on 2026-11-30 with Python 3.11 and Node 20.20.2, written and read by the library:
#   analog input 400 | pycayennelpp -255.36 | cayenne-lpp The argument must be between -327.68 and 327.67.
#   analog input 4.35 | pycayennelpp 4.34 | cayenne-lpp 4.34
#   analog input 0.29 | pycayennelpp 0.28 | cayenne-lpp 0.28
#   temperature 3300 | pycayennelpp -3253.6 | cayenne-lpp The argument must be between -3276.8 and 3276.7.
#   altitude 40000 | pycayennelpp -25536.0
#   La Paz, 3640 m | pycayennelpp 3640.0 | cayenne-lpp The argument must be between -3276.8 and 3276.7.
#   pycayennelpp's La Paz, read by cayenne-lpp | 3640
#   without an altitude | cayenne-lpp 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund cayenne-lpp@1.0.2
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pycayennelpp==2.4.0

cat >probe.cjs <<'JS'
const { encoder, decoder } = require('cayenne-lpp');

const [what, argument] = process.argv.slice(2);
try {
  const given = JSON.parse(argument);
  const bytes = what === 'read' ? Buffer.from(given, 'hex') : encoder[what](1, given);
  const [value] = Object.values(decoder.decode(bytes)[0]);
  console.log(value.altitude ?? value);
} catch (error) {
  console.log(error.message);
}
JS
cat >probe.py <<'PY'
import json
import subprocess

from cayennelpp import LppFrame


def javascript(what, value):
    done = subprocess.run(["node", "probe.cjs", what, json.dumps(value)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def python(add, *values):
    frame = LppFrame()
    getattr(frame, add)(1, *values)
    return bytes(frame).hex(), LppFrame.from_bytes(bytes(frame)).data[0].value[-1]


for name, add, encode, value in [
    ("analog input", "add_analog_input", "encodeAnalogInput", 400),
    ("analog input", "add_analog_input", "encodeAnalogInput", 4.35),
    ("analog input", "add_analog_input", "encodeAnalogInput", 0.29),
    ("temperature", "add_temperature", "encodeTemperature", 3300),
]:
    read = python(add, value)[1]
    print(f"{name} {value}", f"pycayennelpp {read}", f"cayenne-lpp {javascript(encode, value)}", sep=" | ")
print("altitude 40000", f"pycayennelpp {python('add_altitude', 40000)[1]}", sep=" | ")
bytes_, read = python("add_gps", -16.5, -68.15, 3640)
place = {"latitude": -16.5, "longitude": -68.15}
other = javascript("encodeGps", place | {"altitude": 3640})
print("La Paz, 3640 m", f"pycayennelpp {read}", f"cayenne-lpp {other}", sep=" | ")
print("pycayennelpp's La Paz, read by cayenne-lpp", javascript("read", bytes_), sep=" | ")
print("without an altitude", f"cayenne-lpp {javascript('encodeGps', place)}", sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
analog input 400 | pycayennelpp -255.36 | cayenne-lpp The argument must be between -327.68 and 327.67.
analog input 4.35 | pycayennelpp 4.34 | cayenne-lpp 4.34
analog input 0.29 | pycayennelpp 0.28 | cayenne-lpp 0.28
temperature 3300 | pycayennelpp -3253.6 | cayenne-lpp The argument must be between -3276.8 and 3276.7.
altitude 40000 | pycayennelpp -25536.0
La Paz, 3640 m | pycayennelpp 3640.0 | cayenne-lpp The argument must be between -3276.8 and 3276.7.
pycayennelpp's La Paz, read by cayenne-lpp | 3640
without an altitude | cayenne-lpp 0
TEXT
echo "as described: values at the end of a range are others, or refused"
