#!/usr/bin/env bash
# swiss-pairing@1.4.3 (npm, pinned below): two things that its readme says are not so.
# - "participant_id may be any value that exposes a toString method": a participant with the number 0, as in a list counted from 0, is taken for
#   nobody where it is the second of a match. It wins no points there, and whoever has won every match is last in the standings.
# - `maxPointsPerRound`, the option for games of two points, is not read: the code has `maxPerRound`. The tiebreakers are those of games of one
#   point, and nothing is said.
#
# Seen with Node 20.20.2, first the standings after two rounds which the first player has won, then tiebreakers:
#   ids 10, 11, 12, 13 | 10: 2, 12: 1, 13: 1, 11: 0
#   ids 0, 1, 2, 3 | 2: 1, 3: 1, 1: 0, 0: 0
#   {} | a 1, d 1, b 6, c 6
#   {"maxPointsPerRound":2} | a 1, d 1, b 6, c 6
#   {"maxPerRound":2} | a 1, d 2, b 2, c 2
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund swiss-pairing@1.4.3

cat >probe.cjs <<'JS'
const swiss = require('swiss-pairing');

const match = (round, home, away) => ({
  round,
  home: { id: home[0], points: home[1] },
  away: { id: away[0], points: away[1] },
});
const players = (ids) => ids.map((id, i) => ({ id, seed: i + 1 }));

for (const ids of [[10, 11, 12, 13], [0, 1, 2, 3]]) {
  const [a, b, c, d] = ids;
  const matches = [match(1, [c, 0], [a, 1]), match(1, [d, 1], [b, 0]), match(2, [d, 0], [a, 1]), match(2, [c, 1], [b, 0])];
  const standings = swiss().getStandings(3, players(ids), matches);
  console.log(`ids ${ids.join(', ')} | ${standings.map(({ id, wins }) => `${id}: ${wins}`).join(', ')}`);
}

const games = [
  match(1, ['a', 2], ['b', 0]),
  match(1, ['c', 1], ['d', 1]),
  match(2, ['a', 2], ['c', 0]),
  match(2, ['b', 1], ['d', 1]),
];
for (const options of [{}, { maxPointsPerRound: 2 }, { maxPerRound: 2 }]) {
  const said = JSON.stringify(options);
  const standings = swiss(options).getStandings(3, players(['a', 'b', 'c', 'd']), games);
  console.log(`${said} | ${standings.map(({ id, tiebreaker }) => `${id} ${tiebreaker}`).join(', ')}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
ids 10, 11, 12, 13 | 10: 2, 12: 1, 13: 1, 11: 0
ids 0, 1, 2, 3 | 2: 1, 3: 1, 1: 0, 0: 0
{} | a 1, d 1, b 6, c 6
{"maxPointsPerRound":2} | a 1, d 1, b 6, c 6
{"maxPerRound":2} | a 1, d 2, b 2, c 2
TEXT
echo "as described: player 0 wins nothing as the second of a match, and the option of the readme is not read"
