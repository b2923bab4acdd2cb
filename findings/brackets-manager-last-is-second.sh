#!/usr/bin/env bash
# brackets-manager@1.11.1 (npm, pinned below, with brackets-memory-db@1.0.6): `finalStandings` counts ranks and not those who have one. Of four in a
# round robin, three of whom share the first rank, the last is second. In sports, and in the standings of every league, the one behind three who are
# first is fourth. Of an elimination with eight the four who lost their first match are fourth, though four are better; with a match for third place
# they are fifth, as they should be without. A board says "2nd" of who has lost all, and prizes by rank go to more than there are.
#
# Seen with Node 20.20.2, ranks of those who took part:
#   round robin, A before B before C before D | A 1, B 2, C 3, D 4
#   round robin, A, B and C in a circle | A 1, B 1, C 1, D 2
#   elimination, without a match for third place | A 1, B 2, D 3, C 3, H 4, E 4, G 4, F 4
#   elimination, with a match for third place | A 1, B 2, C 3, D 4, H 5, E 5, G 5, F 5
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund brackets-manager@1.11.1 brackets-memory-db@1.0.6

cat >probe.cjs <<'JS'
const { BracketsManager } = require('brackets-manager');
const { InMemoryDatabase } = require('brackets-memory-db');

/** Plays a stage until no match is open; `wins` says whether the first of a pair does. */
async function standings(type, seeding, settings, wins, options) {
  const storage = new InMemoryDatabase();
  const manager = new BracketsManager(storage);
  const { id } = await manager.create.stage({ name: 'Cup', tournamentId: 0, type, seeding, settings });
  const participants = await storage.select('participant');
  const name = (opponent) => participants.find((it) => it.id === opponent.id).name;
  for (;;) {
    const ready = (await storage.select('match')).find((it) => it.status === 2);
    if (!ready) break;
    const first = wins(name(ready.opponent1), name(ready.opponent2));
    const result = (won) => ({ score: won ? 1 : 0, result: won ? 'win' : 'loss' });
    await manager.update.match({ id: ready.id, opponent1: result(first), opponent2: result(!first) });
  }
  return (await manager.get.finalStandings(id, options)).map((it) => `${it.name} ${it.rank}`).join(', ');
}

const BEATS = { A: 'B', B: 'C', C: 'A' };
(async () => {
  const formula = { rankingFormula: (it) => 3 * it.wins + it.draws };
  const better = (a, b) => a < b;
  const circle = (a, b) => b === 'D' || (a !== 'D' && BEATS[a] === b);
  const four = [...'ABCD'];
  console.log(`round robin, A before B before C before D | ${await standings('round_robin', four, { groupCount: 1 }, better, formula)}`);
  console.log(`round robin, A, B and C in a circle | ${await standings('round_robin', four, { groupCount: 1 }, circle, formula)}`);
  for (const consolationFinal of [false, true]) {
    const ranks = await standings('single_elimination', [...'ABCDEFGH'], { consolationFinal }, better);
    console.log(`elimination, ${consolationFinal ? 'with' : 'without'} a match for third place | ${ranks}`);
  }
})();
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
round robin, A before B before C before D | A 1, B 2, C 3, D 4
round robin, A, B and C in a circle | A 1, B 1, C 1, D 2
elimination, without a match for third place | A 1, B 2, D 3, C 3, H 4, E 4, G 4, F 4
elimination, with a match for third place | A 1, B 2, C 3, D 4, H 5, E 5, G 5, F 5
TEXT
echo "as described: behind three who are first, one is second"
