#!/usr/bin/env bash
# tournament-organizer@4.1.1 (npm, pinned below): two of its tiebreaks decide by chance, and say nothing.
# - "mutual versus", the points that two players have made against the opponents they share, forgets all but the last of those, draws aside.
#   Which is the last is a matter of the pairing, and that of chance: the same results give two standings. Below, A and B have each
#   beaten one of C and D and lost to the other, so the next tiebreak has to decide, and A is ahead of B by games.
# - "sonneborn berger", and the "koya system" and the "neighborhood record" with it, know one meeting of two players, the first. In a
#   double round robin, where each meets each twice, who wins the first meeting and loses the second is ahead.
#
# Seen with Node 20.20.2:
#   100 round robins with the same results | C 2, A 1.5, B 1.5, D 1 | C 2, B 1.5, A 1.5, D 1
#   A wins the first meeting, B the second | A 1, B 1 | Sonneborn-Berger 1, 0
#   B wins the first meeting, A the second | B 1, A 1 | Sonneborn-Berger 1, 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund tournament-organizer@4.1.1

cat >probe.mjs <<'JS'
import TournamentOrganizer from 'tournament-organizer';

/** The standings of `names`; `result` gives the games of each of two players, and drawn ones. */
function standings(format, tiebreaks, names, result) {
  const scoring = { win: 1, draw: 0.5, loss: 0, bye: 1, bestOf: 3, tiebreaks };
  const tournament = new TournamentOrganizer().createTournament('cup', { stageOne: { format }, sorting: 'none', scoring });
  names.forEach((name, i) => tournament.createPlayer(name, `${i + 1}`));
  const name = ({ id }) => tournament.getPlayer(id).getName();
  tournament.startTournament();
  for (let round = 1; ; round++) {
    const matches = tournament.getMatchesByRound(round);
    if (matches.length === 0) return tournament.getStandings();
    for (const match of matches) {
      tournament.enterResult(match.getId(), ...result(round, name(match.getPlayer1()), name(match.getPlayer2())));
    }
    if (tournament.getMatchesByRound(round + 1).length > 0) tournament.nextRound();
  }
}
const show = (rows) => rows.map(({ player, matchPoints }) => `${player.getName()} ${matchPoints}`).join(', ');

const GAMES = { AB: [1, 1, 1], AC: [2, 0], AD: [1, 2], BC: [0, 2], BD: [2, 1], CD: [2, 0] };
const played = (_, one, two) => {
  if (GAMES[one + two]) return GAMES[one + two];
  const [wins, losses, ...draws] = GAMES[two + one];
  return [losses, wins, ...draws];
};
const seen = new Set();
for (let i = 0; i < 100; i++) {
  seen.add(show(standings('round-robin', ['mutual versus', 'game win differential'], ['A', 'B', 'C', 'D'], played)));
}
console.log(['100 round robins with the same results', ...[...seen].sort()].join(' | '));

for (const [first, second] of ['AB', 'BA']) {
  const rows = standings('double-round-robin', ['sonneborn berger'], ['A', 'B'], (round, one) =>
    (round === 1 ? first : second) === one ? [2, 0] : [0, 2],
  );
  const scores = rows.map(({ tiebreaks }) => tiebreaks.sonnebornBerger).join(', ');
  console.log(`${first} wins the first meeting, ${second} the second | ${show(rows)} | Sonneborn-Berger ${scores}`);
}
JS
node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
100 round robins with the same results | C 2, A 1.5, B 1.5, D 1 | C 2, B 1.5, A 1.5, D 1
A wins the first meeting, B the second | A 1, B 1 | Sonneborn-Berger 1, 0
B wins the first meeting, A the second | B 1, A 1 | Sonneborn-Berger 1, 0
TEXT
echo "as described: standings depend on the pairing, and on who won first"
