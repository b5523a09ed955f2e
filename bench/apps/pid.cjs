// Answers with its pid: which replica served.
require('node:http')
  .createServer((_request, response) => response.end(String(process.pid)))
  .listen(Number(process.env.PORT));
