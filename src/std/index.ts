export { type Clock, rfc3339, rfc3339Micro, systemClock, type Timer } from './clock.ts';
export { type Closable, Closer } from './closer.ts';
export { errorCode, errorText } from './errors.ts';
export { readIfThere, readJson, replaceFile, writeWhole } from './files.ts';
export { defaultHome, type HomePaths, homePaths } from './home.ts';
export { isAlive, type ProcessStat, readStat } from './process-stat.ts';
