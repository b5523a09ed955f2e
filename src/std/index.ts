export { type Clock, rfc3339, rfc3339Micro, systemClock, type Timer } from './clock.ts';
export { type Closable, Closer } from './closer.ts';
export { defaultHome, type HomePaths, homePaths } from './home.ts';
