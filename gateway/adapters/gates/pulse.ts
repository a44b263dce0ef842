/** Listens for the flows' heartbeat, and raises the alarm when gates have none. */
import type { Gate } from '../../core/gate.ts';
import type { Announcer } from '../../ports/announcer.ts';
import type { MachineClock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';

/** Flows beat every 5 s; two may be lost. */
export const silenceMs = 15_000;
const lookEveryMs = 1_000;

type Needs = {
  readonly announcer: Announcer;
  readonly clock: MachineClock;
  readonly log: Log;
  readonly gates: () => readonly Gate[];
  readonly silenceMs?: number;
  readonly lookEveryMs?: number;
};

export interface Pulse extends Disposable {
  beat(): void;
  isAlive(): boolean;
}

/** The start of the hub counts as a beat: flows need a moment to find their way back to it. */
export function openPulse(needs: Needs): Pulse {
  const { clock, announcer, log } = needs;
  let last = clock.elapsedMs();
  let isAlarmed = false;
  const isAlive = () => clock.elapsedMs() - last <= (needs.silenceMs ?? silenceMs);
  const tell = (on: boolean): void => {
    isAlarmed = on;
    const gates = needs.gates().map(({ name, onSilence }) => ({ name, onSilence }));
    announcer.announce('alerts/gates-silent', { v: 1, on, gates }, { retain: true });
    if (on) log.warn('gates are registered, but their flows give no sign of life', { gates });
    else log.info('the flows are back');
  };
  const look = setInterval(() => {
    if (!isAlarmed && !isAlive() && needs.gates().length > 0) tell(true);
  }, needs.lookEveryMs ?? lookEveryMs);
  look.unref();
  return {
    beat: () => {
      last = clock.elapsedMs();
      if (isAlarmed) tell(false);
    },
    isAlive,
    [Symbol.dispose]: () => clearInterval(look),
  };
}
