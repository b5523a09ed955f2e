export { type ApiServer, createApiServer } from './api-server.ts';
export { ensurePki, kubeconfigText, writeKubeconfig } from './pki/index.ts';
