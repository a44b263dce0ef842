/** Everything that may befall a hub between order and payout, in any order, and what must hold all the while. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hourMs, minuteMs } from '../../gateway/core/slot.ts';
import { centsPerKwh, wattHours } from '../../gateway/core/units.ts';
import type { Needs } from '../../gateway/ports/needs.ts';
import { orderTrade } from '../../gateway/steps/order-trade.ts';
import { type FakeChain, fakeChain } from './fake-chain.ts';
import { type GivenHub, given, knock } from './given.ts';
import { type LivingHub, livingHub } from './living-hub.ts';
import {
  forgedCallback,
  type LivingMpesa,
  livingMpesa,
  type Message,
  type PayManner,
  type Prompt,
  type RingManner,
  trueCallback,
} from './living-mpesa.ts';
import { corner, kiosk, nine, tailor } from './neighbourhood.ts';

export type Happening =
  | { readonly what: 'order'; readonly energyWh: number; readonly byHand: boolean }
  | { readonly what: 'next push'; readonly manner: RingManner }
  | { readonly what: 'next payout'; readonly manner: PayManner }
  | { readonly what: 'pin'; readonly prompt: number; readonly pays: boolean }
  | { readonly what: 'callback'; readonly prompt: number; readonly times: number }
  | { readonly what: 'forgery'; readonly prompt: number; readonly code: string }
  | { readonly what: 'result'; readonly number: number; readonly times: number }
  | { readonly what: 'm-pesa'; readonly answers: boolean }
  | {
      readonly what: 'chain';
      readonly reachable: boolean;
      readonly takesIn: boolean;
      readonly final: boolean;
    }
  | { readonly what: 'blocks'; readonly many: number }
  | { readonly what: 'time'; readonly ms: number }
  | { readonly what: 'power cut' };

/** What the hub is given to work with; the negative control breaks a rule here. */
export type Twist = (hub: GivenHub) => Omit<Needs, 'tell'>;

export type Adventure = {
  readonly mpesa: LivingMpesa;
  readonly chain: FakeChain;
  readonly hub: () => GivenHub;
  readonly troubles: string[];
  happen(happening: Happening): Promise<void>;
  /** The power stays, M-Pesa and the chain answer, and everything comes to its end. */
  comeToRest(): Promise<void>;
  [Symbol.dispose](): void;
};

/** What M-Pesa holds for the kiosk before anything happens. */
export const beginningCents = 6_000;

/** Power cuts of the test leave memory alone, so that no disk need be waited for. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Begins at nine with 60 kWh to sell, in a file of its own. */
export function adventure(twist: Twist): Adventure {
  const folder = mkdtempSync(join(memory, 'jirani-adventure-'));
  const file = join(folder, 'books.db');
  const [mpesa, chain]: [LivingMpesa, FakeChain] = [livingMpesa(), fakeChain()];
  const rules = { [tailor]: { autoBuy: false }, [corner]: { autoSell: false } };
  const wallets = { [kiosk]: beginningCents };
  let hub = given({ file, energy: { [corner]: 60_000 }, wallets, rules });
  hub.books.settings.change('payoutLeastCents', 1_000, nine);
  hub.books.settings.change('payoutDaily', 0, nine);
  const begin = (): LivingHub => livingHub(twist(Object.assign(hub, { money: mpesa, chain })));
  const troubles: string[] = [];
  let living = begin();

  const cut = async (): Promise<void> => {
    living.cut();
    troubles.push(...living.troubles);
    const at = hub.clock.now();
    hub[Symbol.dispose]();
    hub = given({ file, settled: true, at });
    living = begin();
    await living.start();
  };
  const pass = async (ms: number): Promise<void> => {
    hub.clock.advance(ms);
    await living.tick();
  };
  const happen = (happening: Happening): Promise<void> =>
    happening.what === 'power cut'
      ? cut()
      : happening.what === 'time'
        ? pass(happening.ms)
        : befall({ mpesa, chain, living }, happening);
  return {
    ...{ mpesa, chain, troubles, hub: () => hub, happen },
    comeToRest: async () => {
      Object.assign(mpesa, { answers: true });
      Object.assign(chain, { reachable: true, takesIn: true, final: true });
      mpesa.ringNext.length = 0;
      mpesa.payNext.length = 0;
      for (const prompt of mpesa.prompts) if (prompt.truth === 'ringing') prompt.truth = 'failed';
      await cut();
      for (const ms of restMs) {
        deliver(living, mpesa.results.splice(0), 1);
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

/** Long enough for every question that a hub may still ask. */
const restMs = [
  ...Array<number>(12).fill(10_000),
  ...Array<number>(12).fill(5 * minuteMs),
  ...Array<number>(26).fill(hourMs),
];

type World = { readonly mpesa: LivingMpesa; readonly chain: FakeChain; readonly living: LivingHub };

const at = <Thing>(things: readonly Thing[], number: number) => things[number % things.length];

async function befall(world: World, happening: Happening): Promise<void> {
  const { mpesa, chain, living } = world;
  switch (happening.what) {
    case 'order':
      order(living.needs, happening.energyWh, happening.byHand);
      return living.tick();
    case 'next push':
      return void mpesa.ringNext.push(happening.manner);
    case 'next payout':
      return void mpesa.payNext.push(happening.manner);
    case 'm-pesa':
      return void Object.assign(mpesa, { answers: happening.answers });
    case 'chain': {
      const { reachable, takesIn, final } = happening;
      return void Object.assign(chain, { reachable, takesIn, final });
    }
    case 'blocks':
      return void Object.assign(chain, { height: chain.height + happening.many });
    case 'result': {
      const message = at(mpesa.results, happening.number);
      if (message) deliver(living, [message], happening.times);
      return living.tick();
    }
    case 'pin':
    case 'callback':
    case 'forgery': {
      const prompt = at(mpesa.prompts, happening.prompt);
      if (prompt) touch(living, prompt, happening);
      return living.tick();
    }
    default:
  }
}

type AtAPhone = Extract<Happening, { readonly prompt: number }>;

/** Somebody types a PIN, M-Pesa calls back, or somebody pretends to be M-Pesa. */
function touch(living: LivingHub, prompt: Prompt, happening: AtAPhone): void {
  if (happening.what === 'pin') {
    if (prompt.truth === 'ringing') prompt.truth = happening.pays ? 'paid' : 'failed';
  } else if (happening.what === 'forgery') {
    deliver(living, [forgedCallback(prompt, happening.code)], 1);
  } else {
    const message = trueCallback(prompt);
    if (message) prompt.isKnown ||= deliver(living, [message], happening.times);
  }
}

/** Whether any of it was kept. */
function deliver({ needs }: LivingHub, messages: readonly Message[], times: number): boolean {
  let kept = false;
  for (const { token, claim } of messages)
    for (let n = 0; n < times; n++) kept = knock(needs, token, claim) !== undefined || kept;
  return kept;
}

function order(needs: Needs, energyWh: number, byHand: boolean): void {
  const [seller, buyer] = [corner, byHand ? tailor : kiosk].map((id) =>
    needs.books.households.find(id),
  );
  if (seller === undefined || buyer === undefined) return;
  const rate = centsPerKwh(1_500);
  orderTrade(needs, {
    ...{ seller, buyer, rate, energyWh: wattHours(energyWh) },
    idempotencyKey: undefined,
  });
}
