// Which writes of a change are cut off. Each takes a server that starts, is killed and starts again: a run takes every second one,
// today the odd ones, tomorrow the even ones; with HELIOGRAPH_JOURNEYS=all a run takes all.

const DAY = 86_400_000;

/** Between two writes that are cut off. */
export const STEP = process.env.HELIOGRAPH_JOURNEYS === 'all' ? 1 : 2;
/** The first one. */
export const FIRST = STEP === 1 ? 1 : 1 + (Math.floor(Date.now() / DAY) % 2);

/** The fewest that must have been cut off of at least so many. */
export const fewest = (all) => Math.floor(all / STEP);
