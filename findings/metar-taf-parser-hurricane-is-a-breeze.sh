#!/usr/bin/env bash
# metar-taf-parser@9.1.3 (npm, pinned below) and metar-taf-parser-mivek@1.13.1 (PyPI), from which it is ported: weather reports of airfields (METAR) lose
# the wind that matters most. A speed has two or three digits (FMH-1, 12.6.5: the hundreds "if required"); of three the last is dropped, and all
# behind it. 105 knots with gusts of 130 are 10 knots without gusts: a hurricane is a breeze, and nothing is said.
# - A speed in kilometres an hour (KMH) is one in knots: the unit is looked for as KM/H, and is optional.
# - A temperature without a dew point, which is `27/` (12.6.10), is no temperature either.
# metar@2.0.2 (PyPI) reads all of them.
#
# Seen with Node 20.20.2 and Python 3.11; speed, gusts and unit, or temperature and dew point:
#   group | npm | PyPI | metar
#   18099KT | 99 - KT | 99 - KT | 99 knots -
#   180105KT | 10 - KT | 10 - KT | 105 knots -
#   180105G130KT | 10 - KT | 10 - KT | 105 knots 130 knots
#   18036KMH | 36 - KT | 36 - KT | 36 km/h -
#   27/24 | 27 24 | 27 24 | 27.0 C 24.0 C
#   27/ | - - | - - | 27.0 C -
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund metar-taf-parser@9.1.3
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check metar-taf-parser-mivek==1.13.1 metar==2.0.2

cat >groups <<'TEXT'
KXYZ 011200Z 18099KT 10SM FEW020 27/24 A2992
KXYZ 011200Z 180105KT 10SM FEW020 27/24 A2992
KXYZ 011200Z 180105G130KT 10SM FEW020 27/24 A2992
KXYZ 011200Z 18036KMH 10SM FEW020 27/24 A2992
KXYZ 011200Z 18010KT 10SM FEW020 27/24 A2992
KXYZ 011200Z 18010KT 10SM FEW020 27/ A2992
TEXT
cat >probe.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { parseMetar } from 'metar-taf-parser';

readFileSync('groups', 'utf8').trim().split('\n').forEach((report, line) => {
  const { wind, temperature, dewPoint } = parseMetar(report);
  console.log(line < 4 ? `${wind.speed} ${wind.gust ?? '-'} ${wind.unit}` : `${temperature ?? '-'} ${dewPoint ?? '-'}`);
});
JS
cat >probe.py <<'PY'
from metar.Metar import Metar
from metar_taf_parser.parser.parser import MetarParser


def show(*values):
    return " ".join("-" if value is None else str(value) for value in values)


for line, report in enumerate(open("groups").read().splitlines()):
    ported, other = MetarParser().parse(report), Metar(report, month=3, year=2026)
    if line < 4:
        first, second = show(ported.wind.speed, ported.wind.gust, ported.wind.unit), show(other.wind_speed, other.wind_gust)
    else:
        first, second = show(ported.temperature, ported.dew_point), show(other.temp, other.dewpt)
    print(report.split()[2 if line < 4 else 5], first, second, sep=" | ")
PY
node probe.mjs >npm
env/bin/python probe.py 2>/dev/null >pypi
{ echo "group | npm | PyPI | metar"; paste -d'|' pypi npm | sed -E 's/^([^|]*) \|(.*)\|([^|]*)$/\1 | \3 |\2/'; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
group | npm | PyPI | metar
18099KT | 99 - KT | 99 - KT | 99 knots -
180105KT | 10 - KT | 10 - KT | 105 knots -
180105G130KT | 10 - KT | 10 - KT | 105 knots 130 knots
18036KMH | 36 - KT | 36 - KT | 36 km/h -
27/24 | 27 24 | 27 24 | 27.0 C 24.0 C
27/ | - - | - - | 27.0 C -
TEXT
echo "as described: of three digits of a wind the last is dropped, and with it the gusts"
