// How each fault of the schedule is done to what runs. A fault is over when its promise is, and undone then.

import { setTimeout as sleep } from 'node:timers/promises';

import { RELAYS } from './place.mjs';

/** By lane and kind: `(place, fault, random) => Promise`. What it answers is added to the line of what was done. */
export const FAULTS = {
  server: {
    async kill({ server }, { for: ms }) {
      await server.kill9();
      await sleep(ms);
      await server.restart();
    },
    async freeze({ server }, { for: ms }) {
      process.kill(server.pid, 'SIGSTOP');
      await sleep(ms);
      process.kill(server.pid, 'SIGCONT');
    },
    async disk({ server, machine }, { for: ms, kib }) {
      if (machine.lacks) return machine.lacks;
      machine.fill(server.pid, kib * 1024);
      await sleep(ms);
      machine.free(server.pid);
    },
    async ahead({ machine }, { seconds }) {
      if (machine.lacks) return machine.lacks;
      return `by ${machine.jump(seconds)} s`;
    },
    // workerd's own clock then stands still until the time is reached again.
    async back({ machine }, { seconds }) {
      if (machine.lacks) return machine.lacks;
      return `by ${machine.jump(-seconds)} s`;
    },
    // A machine that starts with a clock that is behind.
    async behind({ server, machine }, { for: ms, seconds }) {
      if (machine.lacks) return machine.lacks;
      await server.kill9();
      const by = machine.jump(-seconds);
      await sleep(ms);
      await server.restart();
      return `by ${by} s`;
    },
  },
  net: {
    async cut({ proxy }, { percent }, random) {
      proxy.cut(() => random.chance(percent / 100));
    },
    async delay({ proxy }, { for: ms, ms: each }) {
      proxy.delay = each;
      await sleep(ms);
      proxy.heal();
    },
    // Nothing gets through, and nobody is told.
    async mute({ proxy }, { for: ms }) {
      proxy.held = { up: true, down: true };
      await sleep(ms);
      proxy.heal();
    },
    // What is asked arrives and is done; the answers are lost.
    async deaf({ proxy }, { for: ms }) {
      proxy.held.down = true;
      await sleep(ms);
      proxy.cut();
      proxy.heal();
    },
  },
  objects: {
    relays: ({ order, board }) => order({ end: Array.from({ length: RELAYS }, (_, i) => ['RELAY', `${board}/${i}`]) }),
    board: ({ order, board }) => order({ end: [['BOARD', board]] }),
    registry: ({ order }) => order({ end: [['REGISTRY', 'registry']] }),
    pushes_fail: (place, fault) => pushes(place, fault, { fail: true }),
    pushes_late: (place, fault) => pushes(place, fault, { late: fault.ms }),
  },
  store: Object.fromEntries(['slow', 'fail', 'forget', 'reset'].map((mood) => [mood, (place, fault) => storeIs(place, fault, mood)])),
  receiver: Object.fromEntries(['refuse', 'hold', 'forget'].map((mood) => [mood, (place, fault) => receiverIs(place, fault, mood)])),
};

async function pushes({ order }, { for: ms }, how) {
  const said = await order({ pushes: how });
  await sleep(ms);
  // A server that was started anew meanwhile knows nothing of it.
  await order({ pushes: {} });
  return said;
}

async function storeIs({ store }, { for: ms }, mood) {
  store.mood = () => mood;
  await sleep(ms);
  store.mood = () => 'ok';
}

async function receiverIs({ receiver }, { for: ms }, mood) {
  receiver.mood = mood;
  await sleep(ms);
  receiver.heal();
}
