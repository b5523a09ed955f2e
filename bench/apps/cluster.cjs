// http.cjs in two processes by node:cluster, round robin: what a cluster mode without a manager is.
const cluster = require('node:cluster');
if (cluster.isPrimary) for (let index = 0; index < 2; index += 1) cluster.fork();
else require('./http.cjs');
