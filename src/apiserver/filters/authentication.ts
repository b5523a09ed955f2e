import { unauthorized } from '../../apimachinery/index.ts';
import { ADMIN, ANONYMOUS, type Call, type User } from '../request/call.ts';
import type { Filter } from './filter.ts';

/** Says who sent a request; undefined when it cannot tell. Throws `unauthorized()` for credentials that it knows to be wrong. */
export interface Authenticator {
  authenticate(call: Call): Promise<User | undefined> | User | undefined;
}

/** The daemon's own parts, named by whoever made their transport. */
const inProcess: Authenticator = { authenticate: ({ credentials }) => (credentials.type === 'in-process' ? credentials.user : undefined) };

/** Only the home's owner can open its 0600 socket. */
const unixPeer: Authenticator = { authenticate: ({ credentials }) => (credentials.type === 'unix-socket' ? ADMIN : undefined) };

/** A client certificate of our authority: the common name is the user, the organizations are the groups. */
const clientCertificate: Authenticator = {
  authenticate({ credentials }) {
    if (credentials.type !== 'tls' || !credentials.certificate) return undefined;
    if (credentials.certificate === 'rejected') throw unauthorized();
    const { commonName, organizations } = credentials.certificate;
    return { name: commonName, groups: [...organizations, 'system:authenticated'] };
  },
};

/** Tries each authenticator in order. A bearer token that none of them knows is refused, a request without credentials is anonymous. */
export function withAuthentication(more: readonly Authenticator[]): Filter {
  const all = [inProcess, unixPeer, clientCertificate, ...more];
  return (next) => async (call) => {
    for (const authenticator of all) {
      const user = await authenticator.authenticate(call);
      if (user) return next({ ...call, user });
    }
    if (call.headers['authorization']) throw unauthorized();
    return next({ ...call, user: ANONYMOUS });
  };
}
