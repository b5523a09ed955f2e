import type { PodStreams } from '../../apimachinery/index.ts';

/** The node agent's streams; undefined while there is no node agent. */
export type Streams = () => PodStreams | undefined;
