export { type DiskStoreOptions, openDiskStore } from './disk/disk-store.ts';
export { StateLockedError } from './disk/lock.ts';
export { createMemoryStore } from './memory/memory-store.ts';
export * from './store.ts';
