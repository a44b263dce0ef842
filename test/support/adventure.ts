/** Everything that may befall a hub between order and payout, in any order, and what must hold all the while. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hourMs, minuteMs } from '../../gateway/core/slot.ts';
import type { Needs } from '../../gateway/ports/needs.ts';
import { befall, deliver, type Happening, type World } from './befall.ts';
import { type Darkness, darknessOver } from './darkness.ts';
import { type FakeChain, fakeChain } from './fake-chain.ts';
import { type GivenHub, given } from './given.ts';
import { jumpyClock } from './jumpy-clock.ts';
import { type LivingHub, livingHub } from './living-hub.ts';
import { beginningCents, type LivingMpesa, livingMpesa, promptLifeMs } from './living-mpesa.ts';
import { corner, kiosk, nine, tailor } from './neighbourhood.ts';
import { wishes } from './people.ts';

/** What the hub is given to work with; the negative control breaks a rule here. */
export type Twist = (hub: GivenHub) => Omit<Needs, 'tell'>;

export type Adventure = {
  readonly mpesa: LivingMpesa;
  readonly chain: FakeChain;
  readonly hub: () => GivenHub;
  /** Where the books are, for who looks at them from outside. */
  readonly file: string;
  readonly troubles: string[];
  happen(happening: Happening): Promise<void>;
  /** A power cut in which somebody does something to the hub's files. */
  whileDark(act: () => void): Promise<void>;
  /** The power stays, M-Pesa and the chain answer, and everything comes to its end. */
  comeToRest(): Promise<void>;
  [Symbol.dispose](): void;
};

/** Power cuts of the test leave memory alone, so that no disk need be waited for. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** What is told of a life that ended in the dark says nothing about the hub. */
const ofTheDark = /it is dark|connection is not open/;
/** Metered energy is another story. */
const quiet = { without: ['closing slots'] };

/** Books into which everybody has moved, written once: 60 kWh to sell, and people who want to decide themselves. */
export function openTemplate(): Disposable & { readonly file: string } {
  const folder = mkdtempSync(join(memory, 'jirani-template-'));
  const file = join(folder, 'books.db');
  const rules = { [tailor]: { autoBuy: false }, [corner]: { autoSell: false } };
  const wallets = { [kiosk]: beginningCents };
  const hub = given({ file, energy: { [corner]: 60_000 }, wallets, rules });
  hub.books.settings.change('payoutLeastCents', 1_000, nine);
  hub.books.settings.change('payoutDaily', 0, nine);
  hub[Symbol.dispose]();
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** Begins at nine, in a file of its own. */
export function adventure(template: string, twist: Twist): Adventure {
  const folder = mkdtempSync(join(memory, 'jirani-adventure-'));
  const file = join(folder, 'books.db');
  copyFileSync(template, file);
  const clock = jumpyClock(nine);
  const [mpesa, chain]: [LivingMpesa, FakeChain] = [livingMpesa(clock.truth), fakeChain()];
  let hub: GivenHub;
  let darkness: Darkness;
  const begin = (): LivingHub => {
    hub = given({ file, settled: true, clock });
    darkness = darknessOver(twist(Object.assign(hub, { money: mpesa, chain })));
    return livingHub(darkness.ports, quiet);
  };
  const troubles: string[] = [];
  let living = begin();

  const cut = async (whileDark: () => void = () => {}): Promise<void> => {
    living.cut();
    troubles.push(...living.troubles.filter((text) => !ofTheDark.test(text)));
    hub[Symbol.dispose]();
    whileDark();
    living = begin();
    await living.start();
  };
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (const prompt of mpesa.prompts)
      if (prompt.truth === 'ringing' && clock.truth() - prompt.rangAt >= promptLifeMs)
        prompt.truth = 'failed';
    await living.tick();
  };
  const happen = async (happening: Happening): Promise<void> => {
    if (happening.what === 'power cut' && happening.calls === 0) return cut();
    if (happening.what === 'power cut') return darkness.comeAfter(happening.calls);
    if (happening.what === 'time') await pass(happening.ms);
    else await befall({ mpesa, chain, living, clock } satisfies World, happening);
    if (darkness.isDark()) await cut();
  };
  return {
    ...{ mpesa, chain, troubles, file, hub: () => hub, happen, whileDark: cut },
    comeToRest: async () => {
      calm({ mpesa, chain });
      clock.beWrongBy(0);
      await cut();
      for (const ms of restMs) {
        deliver(living, mpesa.results.splice(0), 1);
        for (const wish of ['look at reviews', 'resume payouts'] as const)
          wishes[wish]({ mpesa, hub: living.needs }, 0);
        await pass(ms);
      }
      troubles.push(...living.troubles);
    },
    [Symbol.dispose]: () => {
      living.cut();
      hub[Symbol.dispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Everybody answers, truly; who has not typed a PIN by now never will. */
function calm({ mpesa, chain }: Pick<Adventure, 'mpesa' | 'chain'>): void {
  Object.assign(mpesa, { answers: true });
  Object.assign(chain, { reachable: true, takesIn: true, final: true });
  for (const script of [mpesa.ringNext, mpesa.payNext, mpesa.askNext, mpesa.reverseNext])
    script.length = 0;
  for (const prompt of mpesa.prompts) if (prompt.truth === 'ringing') prompt.truth = 'failed';
}

/** Long enough for every question that a hub may still ask, and for two mornings. */
const restMs = [
  ...Array<number>(6).fill(10_000),
  ...Array<number>(6).fill(5 * minuteMs),
  ...Array<number>(4).fill(hourMs),
  ...[23 * hourMs, 10_000, minuteMs, 23 * hourMs, 10_000, minuteMs],
];
