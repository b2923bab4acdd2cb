#!/usr/bin/env bash
# kpn_senml@1.0.1 (PyPI, pinned below): the library "can generate and parse senml json and cbor data". Of a pack that it parses it keeps names and
# values: time and unit of every record are None, with a base time and base unit as without. Whoever walks over the pack meets no record: the
# iterator ends before the first. A record without a name, whose name is the base name alone (RFC 8428, 4.1), is a KeyError, and so is
# one of bytes (`vd`). One of text is a NameError on any Python 3, also when it is made.
#
# Seen with Python 3.11; (name, value, unit, time) of what the callback got, then how many records the pack is said to have:
#   number | [('t', 20.5, None, None), ('h', 40, None, None)] | 0
#   boolean | [('door', True, None, None)] | 0
#   base name alone | KeyError('n') | 0
#   bytes | KeyError('vb') | 0
#   text | NameError("name 'basestring' is not defined") | 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check kpn_senml==1.0.1 cbor2==6.3.0

cat >probe.py <<'PY'
from kpn_senml import SenmlPack

for name, text in [
    ("number", '[{"bn":"bus","bt":1772366400,"bu":"Cel","n":"t","v":20.5},{"n":"h","u":"%RH","v":40,"t":-60}]'),
    ("boolean", '[{"bn":"bus","n":"door","vb":true,"t":1772366400}]'),
    ("base name alone", '[{"bn":"bus","u":"Cel","v":20.5}]'),
    ("bytes", '[{"bn":"bus","n":"photo","vd":"aGk"}]'),
    ("text", '[{"bn":"bus","n":"line","vs":"801"}]'),
]:
    seen = []
    pack = SenmlPack("bus", lambda record, device: seen.append((record.name, record.value, record.unit, record.time)))
    try:
        pack.from_json(text)
    except (KeyError, NameError) as error:
        seen = repr(error)
    print(name, seen, len(list(pack)), sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
number | [('t', 20.5, None, None), ('h', 40, None, None)] | 0
boolean | [('door', True, None, None)] | 0
base name alone | KeyError('n') | 0
bytes | KeyError('vb') | 0
text | NameError("name 'basestring' is not defined") | 0
TEXT
echo "as described: times and units are lost, no record is walked over, and text is refused"
