// The page of `cargo xtask bench map`: the same wandering items for each way to draw them. Every item moves once a
// second, in twenty groups, so that something moves in each frame.

import { deck, leaflet, setData, updateData, nothing } from './peers.js';
import { heliograph } from './ours.js';

const GROUPS = 20;
const CENTRE = [30.27, -97.74];
const WAYS = { heliograph, deck, setData, updateData, leaflet, nothing };

/** A small generator of numbers below one, the same in each run. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function world(count) {
  const next = numbers(7);
  const lat = new Float64Array(count);
  const lon = new Float64Array(count);
  const way = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    lat[at] = CENTRE[0] + (next() - 0.5) * 0.17;
    lon[at] = CENTRE[1] + (next() - 0.5) * 0.3;
    way[at] = next() * 2 * Math.PI;
  }
  /** Moves the items of a group by some 30 metres; answers with their numbers. */
  const step = (group) => {
    const moved = [];
    for (let at = group; at < count; at += GROUPS) {
      way[at] += (next() - 0.5) * 0.3;
      lat[at] += Math.cos(way[at]) * 0.0003;
      lon[at] += Math.sin(way[at]) * 0.0003;
      moved.push(at);
    }
    return moved;
  };
  return { count, lat, lon, step };
}

/** Begins; answers once the map stands with all items. */
window.begin = async (name, count) => {
  const items = world(count);
  const drawn = await WAYS[name](document.getElementById('map'), items, { centre: CENTRE, zoom: 11 });
  let group = 0;
  let due = performance.now();
  let steps = 0;
  const tick = () => {
    const now = performance.now();
    // A busy page must not fall behind for ever: what it misses it moves at once.
    const groups = Math.min(GROUPS, Math.floor((now - due) / (1000 / GROUPS)) + 1);
    if (now >= due) {
      const moved = [];
      for (let at = 0; at < groups; at += 1) {
        moved.push(...items.step(group));
        group = (group + 1) % GROUPS;
        steps += 1;
      }
      due += groups * (1000 / GROUPS);
      if (due < now - 1000) due = now;
      if (moved.length > 0) drawn.move(moved);
    }
    setTimeout(tick, Math.max(0, due - performance.now()));
  };
  let [last, longest] = [performance.now(), 0];
  const watch = (now) => {
    longest = Math.max(longest, now - last);
    last = now;
    requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);
  window.state = () => {
    const told = { frames: drawn.frames(), longest_ms: longest, steps, at: performance.now(), ...drawn.more?.() };
    longest = 0;
    return told;
  };
  window.rest = () => {
    due = Infinity;
  };
  if (count > 0) tick();
};
