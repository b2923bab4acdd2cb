#!/usr/bin/env bash
# ogn-parser@0.3.15 (PyPI, pinned below), messages of the Open Glider Network: an aircraft below the level of the sea has no altitude, no speed and
# no course. OGN sends an altitude of minus 18 ft as `/A=-00018`; all of `087/039/A=-00018` is left in `unparsed`, and nothing is raised. So it goes
# on airfields of the Netherlands, by the Dead Sea and in Death Valley, where a board shows who lands and takes off.
# `000/000`, which APRS has for a course and speed that are not known, is north and 0.
#
# Seen with Python 3.11:
#   087/039/A=000018 | altitude 18 | course 87 | speed 39 | climb_rate 20 | unparsed None
#   087/039/A=000000 | altitude 0 | course 87 | speed 39 | climb_rate 20 | unparsed None
#   087/039/A=-00018 | altitude None | course None | speed None | climb_rate 20 | unparsed 087/039/A=-00018
#   000/000/A=000018 | altitude 18 | course 0 | speed 0 | climb_rate 20 | unparsed None
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check ogn-parser==0.3.15

cat >probe.py <<'PY'
import ogn_parser

for report in ["087/039/A=000018", "087/039/A=000000", "087/039/A=-00018", "000/000/A=000018"]:
    message = f"FLRDD3B4B>OGFLR,qAS,EHTX:/074548h3453.52N/03338.30E'{report} !W64! id0ADD3B4B +020fpm"
    position = ogn_parser.parse(message)[0]["aprs_packet"]["position"]
    print(report, *(f"{name} {position.get(name)}" for name in ["altitude", "course", "speed", "climb_rate", "unparsed"]), sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
087/039/A=000018 | altitude 18 | course 87 | speed 39 | climb_rate 20 | unparsed None
087/039/A=000000 | altitude 0 | course 87 | speed 39 | climb_rate 20 | unparsed None
087/039/A=-00018 | altitude None | course None | speed None | climb_rate 20 | unparsed 087/039/A=-00018
000/000/A=000018 | altitude 18 | course 0 | speed 0 | climb_rate 20 | unparsed None
TEXT
echo "as described: with a negative altitude, the course and the speed are gone as well"
