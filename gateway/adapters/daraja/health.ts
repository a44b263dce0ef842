/** What the last calls say about M-Pesa. */
import type { MoneyHealth } from '../../ports/mobile-money.ts';

export type Health = {
  read(): MoneyHealth;
  /** Tells `onNews` only what is new. */
  note(state: MoneyHealth['state'], detail: string): void;
};

/** Machine ms after which a failure says nothing any more: only a new call can tell. */
const staleMs = { unreachable: 5_000, misconfigured: 600_000 };

export function openHealth(
  environment: MoneyHealth['environment'],
  onNews: (health: MoneyHealth) => void,
  ending: AbortSignal,
  elapsedMs: () => number,
): Health {
  let health: MoneyHealth = { environment, state: 'unknown', detail: 'M-Pesa was not asked yet.' };
  let notedAt = elapsedMs();
  const isStale = () =>
    (health.state === 'unreachable' || health.state === 'misconfigured') &&
    elapsedMs() - notedAt > staleMs[health.state];
  return {
    read: () => (isStale() ? { ...health, state: 'unknown' } : health),
    note(state, detail) {
      // Calls that are cut short because the hub closes say nothing about M-Pesa.
      if (ending.aborted) return;
      notedAt = elapsedMs();
      if (state === health.state && detail === health.detail) return;
      health = { environment, state, detail };
      onNews(health);
    },
  };
}
