#!/usr/bin/env bash
# pynmeagps@1.1.8 (PyPI, pinned below): a sentence without a checksum is not read, also when it is told not to look at checksums
# (`validate=VALNONE`): `parse` answers None. With a wrong checksum and VALNONE it is read. In NMEA 0183 2.x the checksum of
# most sentences is optional, and older instruments send none.
#
# Seen with Python 3.11:
#   $HEHDT,90.0,T*21 | 90.0
#   $HEHDT,90.0,T*FF | 90.0
#   $HEHDT,90.0,T | None
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pynmeagps==1.1.8

cat >probe.py <<'PY'
from pynmeagps import VALNONE, NMEAReader

for sentence in ["$HEHDT,90.0,T*21", "$HEHDT,90.0,T*FF", "$HEHDT,90.0,T"]:
    message = NMEAReader.parse(f"{sentence}\r\n", validate=VALNONE)
    print(sentence, message and message.headingT, sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
$HEHDT,90.0,T*21 | 90.0
$HEHDT,90.0,T*FF | 90.0
$HEHDT,90.0,T | None
TEXT
echo "as described: a sentence without a checksum is None, though checksums are not validated"
