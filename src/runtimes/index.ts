export * from './contract.ts';
export { createFakeRuntime, type FakeProgram, FakeRuntime, type FakeRuntimeOptions } from './fake/fake-runtime.ts';
export { ExecTimeoutError } from './process/exec.ts';
export { createProcessRuntime, type ProcessRuntimeOptions } from './process/process-runtime.ts';
export type { ContainerDescription, ProgramStatus, ShimMethods, ShimStatus } from './process/shim/protocol.ts';
export { BindFailure, type ListenTarget } from './process/shim-channel.ts';
export { connectShim, type ShimClient, type ShimClientOptions, spawnShim } from './process/shim-client.ts';
export { ShimError } from './process/shim-connection.ts';
