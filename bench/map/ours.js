// Ours: the app's own map, without its feed.

import init from '/ours/bench.js';

export async function heliograph(container, items, { centre, zoom }) {
  await init();
  await window.heliographBench.open(container, document.getElementById('labels'), [...centre, zoom]);
  const pack = (which) => {
    const numbers = new Float64Array(which.length * 3);
    which.forEach((item, at) => numbers.set([item, items.lat[item], items.lon[item]], at * 3));
    return numbers;
  };
  window.heliographBench.update(pack(Array.from({ length: items.count }, (_, at) => at)));
  return {
    move: (moved) => window.heliographBench.update(pack(moved)),
    frames: () => window.heliographBench.state().frames,
    more: () => ({ drawn: window.heliographBench.state().drawn, dots: window.heliographBench.state().dots }),
  };
}
