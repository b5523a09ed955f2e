// A plain server: 991 bytes of JSON on PORT.
const body = JSON.stringify({ text: 'x'.repeat(980) });
require('node:http')
  .createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body))
  .listen(Number(process.env.PORT));
