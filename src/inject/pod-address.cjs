'use strict';
// Loaded into Node programs of pods that have a loopback address of their own (no network namespaces). The program binds to the pod's address,
// finds its neighbours in the pod under localhost, and resolves cluster names; everything else stays as Node made it.

const podAddress = process.env.DROVER_POD_IP;
const nameServer = process.env.DROVER_DNS;
const searches = (process.env.DROVER_DNS_SEARCH || '').split(/[\s,]+/).filter(Boolean);

const domain = (searches.find((search) => search.startsWith('svc.')) || '').slice('svc.'.length);
let resolver;

if (podAddress) installAddress();
if (nameServer) installNames();

/** Names to ask the cluster for, best first; none when the name cannot be the cluster's. */
function candidates(name) {
  if (!nameServer || typeof name !== 'string' || require('node:net').isIP(name) || name === 'localhost' || name.endsWith('.localhost')) return [];
  if (name.endsWith('.')) return domain && name.endsWith(`.${domain}.`) ? [name.slice(0, -1)] : [];
  if (domain && name.endsWith(`.${domain}`)) return [name];
  // The longest name that a search completes is that of a pod of a headless service: pod.service.namespace.svc.
  return name.split('.').length <= 4 ? searches.map((search) => `${name}.${search}`) : [];
}

/** The cluster's addresses of a name; none when it is not the cluster's. */
async function ask(name) {
  const names = candidates(name);
  if (names.length === 0) return [];
  if (!resolver) {
    resolver = new (require('node:dns').promises.Resolver)({ timeout: 1000, tries: 2 });
    resolver.setServers([nameServer]);
  }
  for (const candidate of names) {
    try {
      const found = await resolver.resolve4(candidate);
      if (found.length > 0) return found;
    } catch {
      // Not this one; what the cluster does not know is asked of the machine as ever.
    }
  }
  return [];
}

function installAddress() {
  const net = require('node:net');
  const originalListen = net.Server.prototype.listen;
  const isOwn = (host) => host === undefined || host === null || ['', '0.0.0.0', '::', 'localhost', '127.0.0.1', '::1'].includes(host);

  net.Server.prototype.listen = function listen(...args) {
    return originalListen.apply(this, bindArguments(args));
  };

  /** The same call with the pod's address in place of "any" and "local". */
  function bindArguments(args) {
    const [first] = args;
    if (typeof first === 'function' || args.length === 0) return [{ port: 0, host: podAddress }, ...args];
    if (first !== null && typeof first === 'object') {
      if (first._handle || first.handle || typeof first.fd === 'number' || first.path || !isOwn(first.host)) return args;
      // Node reads an options object without a port as a mistake unless it is exclusive or readable; that stays so.
      if (first.port === undefined) return args;
      return [{ ...first, host: podAddress, ipv6Only: undefined }, ...args.slice(1)];
    }
    const isPort =
      first === undefined || first === null || typeof first === 'number' || (typeof first === 'string' && first.trim() !== '' && !Number.isNaN(Number(first)));
    if (!isPort) return args;
    const callback = args.filter((arg) => typeof arg === 'function').slice(-1);
    const rest = args.slice(1).filter((arg) => typeof arg !== 'function');
    const host = rest.find((arg) => typeof arg === 'string' && Number.isNaN(Number(arg)));
    if (!isOwn(host)) return args;
    const backlog = rest.find((arg) => typeof arg === 'number' || (typeof arg === 'string' && arg !== '' && !Number.isNaN(Number(arg))));
    return [{ port: first ?? 0, host: podAddress, ...(backlog === undefined ? {} : { backlog: Number(backlog) }) }, ...callback];
  }

  const originalConnect = net.Socket.prototype.connect;
  const isLocal = (host) => host === undefined || host === null || host === '' || host === 'localhost' || host === '127.0.0.1' || host === '::1';

  net.Socket.prototype.connect = function connect(...args) {
    const wish = connectOptions(args);
    if (!wish) return originalConnect.apply(this, args);
    const callback = wish.callback ? [wish.callback] : [];
    if (isLocal(wish.options.host) && !wish.options.lookup && !wish.options.localAddress)
      return originalConnect.call(this, nearOptions(wish.options), ...callback);
    const port = Number(wish.options.port);
    if (!isShifted(port)) return originalConnect.apply(this, args);
    if (net.isIPv4(wish.options.host)) {
      if (!isService(wish.options.host)) return originalConnect.apply(this, args);
      return originalConnect.call(this, { ...wish.options, port: port + shift }, ...callback);
    }
    if (candidates(wish.options.host).length === 0) return originalConnect.apply(this, args);
    // What is written meanwhile waits, as it does while Node itself looks a name up.
    this.connecting = true;
    void ask(wish.options.host).then((found) => {
      if (this.destroyed) return;
      if (found.length > 0 && isService(found[0])) originalConnect.call(this, { ...wish.options, host: found[0], port: port + shift }, ...callback);
      else originalConnect.apply(this, args);
    });
    return this;
  };

  function connectOptions(args) {
    // net.connect hands its arguments over in one array that it has read already.
    const list = Array.isArray(args[0]) ? args[0] : args;
    const callback = list.find((arg) => typeof arg === 'function');
    const [first, second] = list;
    if (first !== null && typeof first === 'object') return first.path || first.port === undefined ? undefined : { options: first, callback };
    if (typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first))) {
      return { options: { port: Number(first), ...(typeof second === 'string' ? { host: second } : {}) }, callback };
    }
    return undefined;
  }

  /** The pod's own address first; where nobody listens there, the machine's. Node itself goes on to the next address when one refuses. */
  function nearOptions(options) {
    const addresses = [
      { address: podAddress, family: 4 },
      { address: '127.0.0.1', family: 4 },
      ...(options.host === '127.0.0.1' ? [] : [{ address: '::1', family: 6 }]),
    ];
    const lookup = (_host, wanted, done) => (wanted.all ? done(null, addresses) : done(null, podAddress, 4));
    return { ...options, host: 'localhost', family: 0, autoSelectFamily: true, lookup };
  }

  // Where this user may not open low ports, Services answer on ports higher by a fixed number.
  const [firstFreePort, shift] = (process.env.DROVER_LOW_PORTS || '0+0').split('+').map(Number);
  const [base, bits] = (process.env.DROVER_SERVICE_CIDR || '').split('/');
  const number = (address) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const isShifted = (port) => Boolean(base) && port > 0 && port < firstFreePort;
  const isService = (address) => Math.floor(number(address) / 2 ** (32 - Number(bits))) === Math.floor(number(base) / 2 ** (32 - Number(bits)));
}

function installNames() {
  const dns = require('node:dns');
  const originalLookup = dns.lookup;
  const originalPromise = dns.promises.lookup;
  const wants4 = (options) => options.family === undefined || options.family === 0 || options.family === 4 || options.family === 'IPv4';

  dns.lookup = function lookup(...all) {
    const [hostname, options, callback] = all;
    const done = typeof options === 'function' ? options : callback;
    const given = typeof options === 'number' ? { family: options } : typeof options === 'object' && options !== null ? options : {};
    if (typeof hostname !== 'string' || typeof done !== 'function' || !wants4(given) || candidates(hostname).length === 0) {
      return originalLookup.apply(this, all);
    }
    void ask(hostname).then((found) => {
      if (found.length === 0) return originalLookup.call(dns, hostname, options, callback);
      if (given.all)
        return done(
          null,
          found.map((address) => ({ address, family: 4 })),
        );
      return done(null, found[0], 4);
    });
    return {};
  };
  // util.promisify(dns.lookup) answers with an object, through this property.
  const { custom } = require('node:util').promisify;
  dns.promises.lookup = async function lookup(...all) {
    const [hostname, options] = all;
    const given = typeof options === 'number' ? { family: options } : (options ?? {});
    if (typeof hostname !== 'string' || !wants4(given)) return originalPromise.apply(this, all);
    const found = await ask(hostname);
    if (found.length === 0) return originalPromise.apply(this, all);
    return given.all ? found.map((address) => ({ address, family: 4 })) : { address: found[0], family: 4 };
  };
  Object.defineProperty(dns.lookup, custom, { value: dns.promises.lookup, enumerable: false });
  require('node:module').syncBuiltinESMExports();
}
