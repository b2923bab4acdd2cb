// The pure parts by themselves, for the tests. They are no part of the package.

export { place } from './cursor.js';
export { HeliographError } from './error.js';
export { ItemsCopy } from './items.js';
export { Link } from './link.js';
export { PresenceCopy } from './presence.js';
export { ScoresCopy } from './scores.js';
export { bytes } from './wire.js';
