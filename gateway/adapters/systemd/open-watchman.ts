/** Tells systemd how the hub is: ready, alive, stopping (sd_notify(3)). Outside systemd it tells nobody. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LifeChecks, Watchman } from '../../ports/watchman.ts';
import { type Say, sayTo } from './say.ts';

/** As systemd sets them for a unit of Type=notify with WatchdogSec=. */
export type WatchmanEnvironment = {
  NOTIFY_SOCKET?: string | undefined;
  WATCHDOG_USEC?: string | undefined;
};

/** The event loop may stand still for so long between two words; more is a hub that does not serve. */
const lagMostMs = 2_000;
/** How long one check may take. */
const checkMs = 5_000;
/** Words within one deadline of the watchdog, so that a slow moment of an SD card is forgiven. */
const wordsPerDeadline = 3;

/** Takes the names out of `env`, so that no child of the hub speaks in its place. */
export function openWatchman(env: WatchmanEnvironment): Watchman {
  const { NOTIFY_SOCKET, WATCHDOG_USEC } = env;
  delete env.NOTIFY_SOCKET;
  delete env.WATCHDOG_USEC;
  if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === '') return nobody;
  const say = sayTo(NOTIFY_SOCKET);
  const deadlineMs = Number(WATCHDOG_USEC ?? 0) / 1_000;
  return {
    // The program is on its way when this returns, though the loop may stand still from now on.
    askForTime: (ms) => void say(`EXTEND_TIMEOUT_USEC=${Math.round(ms * 1_000)}`),
    ready: () => say('READY=1', 'STATUS=All is well.'),
    stopping: () => say('STOPPING=1', 'STATUS=Closing.'),
    watch: (checks) =>
      deadlineMs > 0 ? keepSaying(say, checks, deadlineMs / wordsPerDeadline) : nothing,
  };
}

const nothing: Disposable = { [Symbol.dispose]: () => {} };

const nobody: Watchman = {
  askForTime: () => {},
  ready: async () => {},
  stopping: async () => {},
  watch: () => nothing,
};

function keepSaying(say: Say, checks: LifeChecks, everyMs: number): Disposable {
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  let isTurning = false;
  let [tickedAt, lateMs] = [performance.now(), 0];
  const turn = async () => {
    // Right after a stall our timer may come before the monitor's, whose reset would then forget it.
    const lagMs = Math.max(lag.max / 1e6, lateMs);
    lag.reset();
    lateMs = 0;
    const trouble =
      lagMs > lagMostMs
        ? `the event loop stood still for ${Math.round(lagMs)} ms`
        : await firstTrouble(checks);
    await (trouble === undefined ? say('WATCHDOG=1') : say(`STATUS=Not well: ${trouble}`));
  };
  const timer = setInterval(() => {
    const now = performance.now();
    lateMs = Math.max(lateMs, now - tickedAt - everyMs);
    tickedAt = now;
    if (isTurning) return;
    isTurning = true;
    void turn().finally(() => {
      isTurning = false;
    });
  }, everyMs);
  timer.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      lag.disable();
    },
  };
}

async function firstTrouble(checks: LifeChecks): Promise<string | undefined> {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await inTime(check);
    } catch (error) {
      return `${name}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return undefined;
}

/** The check runs inside an async function: one that throws at once must not leave its timer behind. */
async function inTime(check: () => void | Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), checkMs);
  try {
    await Promise.race([(async () => check())(), late]);
  } finally {
    clearTimeout(timer);
  }
}
