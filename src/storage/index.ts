export { openDiskStore } from './disk/disk-store.ts';
export { createMemoryStore } from './memory/memory-store.ts';
export * from './store.ts';
