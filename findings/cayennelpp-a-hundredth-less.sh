#!/usr/bin/env bash
# cayenneLPP@0.5b3 and pycayennelpp@2.4.0 (PyPI, pinned below), which write Cayenne LPP for LoRaWAN: a value with two decimals is now and then sent
# as a hundredth less, as the product of 0.29 and 100 is 28.999… and is cut, not rounded. The nearest number is always there in the format. A meter
# or a score that is sent so stands still for a step and then takes two: 5.02 comes out as 5.01. Values below zero are a hundredth more.
#
# Seen with Python 3.11, what is given, what is sent by cayenneLPP, by pycayennelpp:
#   analog 0.28 | 0.28 | 0.28
#   analog 0.29 | 0.28 | 0.28
#   analog 5.02 | 5.01 | 5.01
#   analog -0.29 | -0.28 | -0.28
#   altitude 8.28 | 8.27 | 8.27
#   temperature 8.2 | 8.2 | 8.2
#   analog, other than given of 10001 | 574 | 574
#   altitude, other than given of 10001 | 574 | 574
#   temperature, other than given of 1001 | 0 | 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check cayenneLPP==0.5b3 pycayennelpp==2.4.0

cat >probe.py <<'PY'
from cayenneLPP import CayenneLPP
from cayennelpp import LppFrame


def sent(name, value):
    """What is read from the bytes that each library writes."""
    payload, frame = CayenneLPP(51), LppFrame()
    if name == "analog":
        payload.add_analog_input(value, 1)
        frame.add_analog_input(1, value)
    elif name == "temperature":
        payload.add_temperature(value, 1)
        frame.add_temperature(1, value)
    else:
        payload.add_gps(60, 24, value, 1)
        frame.add_gps(1, 60, 24, value)
    start, scale = {"analog": (2, 100), "temperature": (2, 10), "altitude": (8, 100)}[name]
    return [int.from_bytes(bytes(it)[start:], "big", signed=True) / scale for it in (payload.get_payload(), frame)]


for name, value in [("analog", 0.28), ("analog", 0.29), ("analog", 5.02), ("analog", -0.29), ("altitude", 8.28), ("temperature", 8.2)]:
    print(f"{name} {value}", *sent(name, value), sep=" | ")
for name, scale in [("analog", 100), ("altitude", 100), ("temperature", 10)]:
    values = [i / scale for i in range(-50 * scale, 50 * scale + 1)]
    wrong = [sum(it != value for it, value in zip(each, values)) for each in zip(*(sent(name, value) for value in values))]
    print(f"{name}, other than given of {len(values)}", *wrong, sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
analog 0.28 | 0.28 | 0.28
analog 0.29 | 0.28 | 0.28
analog 5.02 | 5.01 | 5.01
analog -0.29 | -0.28 | -0.28
altitude 8.28 | 8.27 | 8.27
temperature 8.2 | 8.2 | 8.2
analog, other than given of 10001 | 574 | 574
altitude, other than given of 10001 | 574 | 574
temperature, other than given of 1001 | 0 | 0
TEXT
echo "as described: 5.02 is sent as 5.01"
