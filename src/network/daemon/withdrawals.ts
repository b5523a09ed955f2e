import type { Clock } from '../../std/index.ts';

/** Addresses taken out of every rotation, whatever the API says of them. */
export interface Withdrawals {
  readonly addresses: ReadonlySet<string>;
  /** Resolves when the data path obeys, or after 5 s. */
  withdraw(ip: string): Promise<void>;
  admit(ip: string): void;
}

const LIMIT_MS = 5_000;

export function createWithdrawals(options: {
  readonly clock: Clock;
  /** Never withdrawn: the machine's own address stands for every pod on its network. */
  readonly nodeAddress: string;
  readonly link: () => { withdraw(ip: string): Promise<void>; admit(ip: string): Promise<void> };
}): Withdrawals {
  const { clock, nodeAddress, link } = options;
  const addresses = new Set<string>();
  return {
    addresses,
    withdraw(ip) {
      if (ip === nodeAddress || ip === '') return Promise.resolve();
      addresses.add(ip);
      return new Promise((resolve) => {
        const limit = clock.after(LIMIT_MS, resolve);
        void link()
          .withdraw(ip)
          .then(() => {
            limit.close();
            resolve();
          });
      });
    },
    admit(ip) {
      if (addresses.delete(ip)) void link().admit(ip);
    },
  };
}
