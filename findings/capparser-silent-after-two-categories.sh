#!/usr/bin/env bash
# capparser@2.0.4 (PyPI, pinned below), alerts of the Common Alerting Protocol: an alert with two categories can't be read, and behind it no alert at
# all. CAP 1.2 (3.2.2) has as many categories as apply, such as Met and Safety for a flood. The error speaks of a list that must be of categories, and
# the same error comes for each alert that was read without one before: the wrong list is kept as the default of every later one, until the program
# ends. A service that catches errors and goes on is silent from the first such alert. (The default list is one object for all, and is changed.)
#
# Seen with Python 3.11:
#   one category | ['Flood']
#   one category | ['Flood']
#   two categories | Exception: Category must be a list of enums.Category objects
#   one category | Exception: Category must be a list of enums.Category objects
#   without info | []
#   one category | Exception: Category must be a list of enums.Category objects
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check capparser==2.0.4

cat >probe.py <<'PY'
import capparser

ALERT = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>id-1</identifier><sender>bus@example.org</sender>'
    "<sent>2026-03-01T12:00:00-06:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>{}"
    "<event>Flood</event><urgency>Immediate</urgency><severity>Severe</severity><certainty>Likely</certainty>"
    "<area><areaDesc>Creek</areaDesc></area></info></alert>"
)
ONE, TWO = "<category>Met</category>", "<category>Met</category><category>Safety</category>"
for name, text in [
    ("one category", ALERT.format(ONE)),
    ("one category", ALERT.format(ONE)),
    ("two categories", ALERT.format(TWO)),
    ("one category", ALERT.format(ONE)),
    ("without info", ALERT.format(ONE).split("<info>")[0] + "</alert>"),
    ("one category", ALERT.format(ONE)),
]:
    try:
        alert = capparser.parse(stringXML=text)
        print(name, [info.getEvent() for info in alert.getInfos()], sep=" | ")
    except Exception as error:
        print(name, f"{type(error).__name__}: {error}", sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
one category | ['Flood']
one category | ['Flood']
two categories | Exception: Category must be a list of enums.Category objects
one category | Exception: Category must be a list of enums.Category objects
without info | []
one category | Exception: Category must be a list of enums.Category objects
TEXT
echo "as described: behind an alert with two categories none is read"
