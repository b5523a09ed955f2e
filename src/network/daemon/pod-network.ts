import type { Clock, Closable } from '../../std/index.ts';
import type { PodAttachment, PodIdentity } from '../contract.ts';
import type { PodAddresses } from '../node/pod-addresses.ts';
import type { PodPorts } from '../node/pod-ports.ts';
import type { Withdrawals } from './withdrawals.ts';

/** Attaches and detaches pods: one thing at a time for a pod, a few pods at a time. */
export interface PodAttachments extends Closable {
  attach(pod: PodIdentity): Promise<PodAttachment>;
  detach(uid: string): Promise<void>;
  /** Takes back the addresses of pods that `exists` does not know and in which nothing runs. */
  collect(exists: (uid: string) => boolean): Promise<void>;
}

const AT_ONCE = 4;
/** By then every EndpointSlice has forgotten a pod that is gone. */
const FORGET_MS = 60_000;

export function podAttachments(options: {
  readonly ports: PodPorts;
  readonly addresses: PodAddresses;
  readonly withdrawals: Withdrawals;
  readonly clock: Clock;
}): PodAttachments {
  const { ports, addresses, withdrawals, clock } = options;
  const { book } = addresses;
  const last = new Map<string, Promise<unknown>>();
  const line: (() => void)[] = [];
  let running = 0;
  let closed = false;

  /** Runs `work` after what was asked for the same pod before, and when fewer than AT_ONCE others run. */
  const inTurn = <T>(uid: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(uid) ?? Promise.resolve();
    const mine = before
      .catch(() => undefined)
      .then(async () => {
        if (running >= AT_ONCE) await new Promise<void>((resolve) => line.push(resolve));
        else running += 1;
        try {
          return await work();
        } finally {
          const next = line.shift();
          if (next) next();
          else running -= 1;
        }
      });
    last.set(uid, mine);
    const forget = () => {
      if (last.get(uid) === mine) last.delete(uid);
    };
    mine.then(forget, forget);
    return mine;
  };
  const detach = (uid: string): Promise<void> =>
    inTurn(uid, async () => {
      const ip = book.addressOf(uid);
      await ports.detach(uid, ip);
      addresses.removeFiles(uid);
      book.release(uid);
      if (ip === undefined) return;
      clock.after(FORGET_MS, () => {
        if (!closed && book.uidOf(ip) === undefined) withdrawals.admit(ip);
      });
    });
  return {
    attach(pod) {
      if (pod.hostNetwork) return Promise.resolve(addresses.host(pod));
      return inTurn(pod.uid, () => {
        const isNew = book.addressOf(pod.uid) === undefined;
        const ip = book.allocate(pod.uid);
        // The address may have been withdrawn for the pod that had it before.
        if (isNew) withdrawals.admit(ip);
        return ports.attach(pod, ip);
      });
    },
    detach,
    async collect(exists) {
      for (const uid of book.uids()) {
        if (exists(uid) || last.has(uid) || closed) continue;
        if (!(await ports.isInhabited(uid)) && !exists(uid)) await detach(uid);
      }
    },
    close() {
      closed = true;
    },
  };
}
