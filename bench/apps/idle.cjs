// Listens on a port of its own and does nothing.
require('node:http')
  .createServer((_request, response) => response.end('ok'))
  .listen(0);
