// `node e2e/chaos/main.mjs --minutes 10 --seed 7`: what `cargo xtask chaos` runs. Ends with 1 when something differs.
// `--only server.kill,net.cut` leaves only such faults; `--plan` prints the schedule and does nothing.

import { parseArgs } from 'node:util';

import { run } from './run.mjs';
import { schedule, told } from './schedule.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    plan: { type: 'boolean', default: false },
  },
});
const [seed, ms] = [Number(values.seed), Number(values.minutes) * 60_000];
if (!Number.isSafeInteger(seed) || !(ms > 0)) {
  console.error('--seed is a whole number, --minutes a number above 0');
  process.exit(2);
}
if (values.plan) {
  for (const fault of schedule(seed, ms)) console.log(told(fault));
  process.exit(0);
}

console.log(`chaos for ${values.minutes} min, seed ${seed}`);
const { differences, counts, log } = await run({ seed, ms, say: (line) => console.log(line), kinds: values.only?.split(',') });
console.log(Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', '));
if (differences.length > 0) {
  console.log(`---- what the server printed last ----\n${log.split('\n').slice(-60).join('\n')}\n----`);
  for (const text of differences) console.log(`DIFFERS  ${text}`);
  console.log(`seed ${seed}: ${differences.length} differences`);
  process.exit(1);
}
console.log(`seed ${seed}: everything agrees`);
process.exit(0);
