export * from './contract.ts';
export { createFakeRuntime } from './fake/fake-runtime.ts';
export { createProcessRuntime } from './process/process-runtime.ts';
export { connectShim, type ShimClient, spawnShim } from './process/shim-client.ts';
