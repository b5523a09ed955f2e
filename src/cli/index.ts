export type { Surroundings } from './create-context.ts';
export { type Io, processIo } from './io.ts';
export { main } from './main.ts';
