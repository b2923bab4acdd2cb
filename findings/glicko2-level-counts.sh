#!/usr/bin/env bash
# glicko2@2.1.0 (PyPI, pinned below): how steady a player is depends on how good the others are. Glicko-2 compares players by the difference of
# their ratings, so 1000 points more for all are 1000 points more in every result. The step that makes the new volatility (step 5 of
# Glickman's paper, the function f) has the rating here where the paper has its deviation. At 1500 that is nought, far from it the volatility
# hardly moves: an erratic player at 2500 is taken for steady, and the deviation stays too small. Ratings differ by a few points.
# The paper's example comes out right to all the digits that the paper has. glicko2-lite@5.0.0 (npm) does as the paper says.
#
# Seen with Python 3.11 and Node 20.20.2, after 30 periods in which a player wins all ten games and loses all ten by turns; rating less the
# level of the opponents, deviation and volatility:
#   the paper's example | Python 1464.05 151.52 0.0600 | JavaScript 1464.05 151.52 0.0600
#   level 1500 | Python 18.5 35.70 0.0711 | JavaScript 18.1 35.41 0.0696
#   level 2500 | Python 15.8 33.43 0.0600 | JavaScript 18.1 35.41 0.0696
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund glicko2-lite@5.0.0
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check glicko2==2.1.0

cat >probe.py <<'PY'
from glicko2 import Player

player = Player(1500, 200, 0.06)
player.update_player([1400, 1550, 1700], [30, 100, 300], [1, 0, 0])
print(f"the paper's example | Python {player.rating:.2f} {player.rd:.2f} {player.vol:.4f}")
for level in (1500, 2500):
    player = Player(level, 350, 0.06)
    for period in range(30):
        player.update_player([level] * 10, [50] * 10, [period % 2] * 10)
    print(f"level {level} | Python {player.rating - level:.1f} {player.rd:.2f} {player.vol:.4f}")
PY
cat >probe.cjs <<'JS'
const rate = require('glicko2-lite');

const show = ({ rating, rd, vol }, level, digits) =>
  console.log(` | JavaScript ${(rating - level).toFixed(digits)} ${rd.toFixed(2)} ${vol.toFixed(4)}`);
show(rate(1500, 200, 0.06, [[1400, 30, 1], [1550, 100, 0], [1700, 300, 0]]), 0, 2);
for (const level of [1500, 2500]) {
  let player = { rating: level, rd: 350, vol: 0.06 };
  for (let period = 0; period < 30; period++) {
    player = rate(player.rating, player.rd, player.vol, Array(10).fill([level, 50, period % 2]));
  }
  show(player, level, 1);
}
JS
env/bin/python probe.py >python
node probe.cjs >node
paste -d '' python node | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
the paper's example | Python 1464.05 151.52 0.0600 | JavaScript 1464.05 151.52 0.0600
level 1500 | Python 18.5 35.70 0.0711 | JavaScript 18.1 35.41 0.0696
level 2500 | Python 15.8 33.43 0.0600 | JavaScript 18.1 35.41 0.0696
TEXT
echo "as described: the volatility depends on the level, and hardly moves far from 1500"
