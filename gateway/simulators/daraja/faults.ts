/** Bad days on order: the next so many requests meet a fault of the network or of M-Pesa's front door. */
import type { CallName } from './call.ts';

const kinds = [
  'dropAnswer',
  'reset',
  'html',
  'empty',
  'busy',
  'spikeArrest',
  'slow',
  'drip',
] as const;

/**
 * `dropAnswer`: the request is carried out, its answer lost. `reset`: the connection breaks, nothing is done.
 * `html`, `empty` (502), `busy` (500.003.02), `spikeArrest` (429): nothing is done.
 * `slow`, `drip`: carried out; the answer comes late, or letter by letter.
 */
export type FaultKind = (typeof kinds)[number];

/** How many of the next requests meet each fault, in the order of `FaultKind`. */
export type Faults = { readonly [kind in FaultKind]?: number | undefined } & {
  /** Only this call; without it every call but OAuth. */
  readonly call?: CallName | undefined;
  /** How long `slow` and `drip` take, in machine ms (5,000). */
  readonly slowMs?: number | undefined;
};

export type Fault = { readonly kind: FaultKind; readonly slowMs: number };

const slowDefaultMs = 5_000;
/** Orders that may be open at once. */
const ordersMax = 100;
type Order = Fault & { readonly call: CallName | undefined; left: number };

export type FaultDesk = {
  arm(faults: Faults): void;
  /** The fault that this request meets, which is used up by it. */
  take(call: CallName): Fault | undefined;
};

/** Opens the desk where faults are ordered. */
export function openFaults(first: Faults): FaultDesk {
  let orders: Order[] = [];

  function arm(faults: Faults): void {
    const { call, slowMs = slowDefaultMs } = faults;
    for (const kind of kinds) {
      const left = faults[kind] ?? 0;
      if (left > 0 && orders.length < ordersMax) orders.push({ kind, slowMs, call, left });
    }
  }

  function take(call: CallName): Fault | undefined {
    const order = orders.find((one) => (one.call ?? call) === call && !spares(one, call));
    if (order === undefined) return undefined;
    order.left -= 1;
    orders = orders.filter(({ left }) => left > 0);
    return order;
  }

  arm(first);
  return { arm, take };
}

const spares = (order: Order, call: CallName): boolean =>
  order.call === undefined && call === 'oauth';
