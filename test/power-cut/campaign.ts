/** Cuts the power at many boundaries, a few runs at a time, and says where the remains are not as they must be. */
import type { Fault } from './faults.ts';
import { type Cut, type Ending, play } from './play.ts';
import { differences, type Remains } from './remains.ts';
import { home, kiosk, roof } from './scenario.ts';
import type { Weather } from './stage.ts';
import type { Template } from './template.ts';

/** The run without a power cut, which all others are compared with. */
export type Undisturbed = Pick<Ending, 'remains' | 'passed' | 'ms'>;

export type Verdict = {
  readonly cuts: readonly Cut[];
  readonly cutsStruck: number;
  /** Empty when all is as it must be. */
  readonly complaints: readonly string[];
  /** The power went after the hub had noted the push and before M-Pesa got it. */
  readonly neverRang: boolean;
  readonly remains: Remains;
  readonly ms: number;
};

const runsAtOnce = 2;
/**
 * At these something from outside has arrived and is not on the disk yet. Before every other write or call
 * the disk holds what it held after the one before, so a cut there is the same cut.
 */
const arrivals = /^before (readings\.|books\.inbox\.keep)/;

/** Between these the hub knows that the phone may be ringing, and M-Pesa does not know of it yet. */
export const pushMayBeLost: ReadonlySet<string> = new Set([
  'after books.topups.markSent#1',
  'before money.ring#1',
]);

/** Plays the story once without a cut. Throws when even that does not end as it should. */
export async function playUndisturbed(
  template: Template,
  weather: Weather = {},
): Promise<Undisturbed> {
  const ending = await play({ template, cuts: [], ...weather });
  if (ending.trouble !== '') throw new Error(`without a power cut: ${ending.trouble}`);
  return ending;
}

/** The first of each boundary that leaves the disk as no other does. */
export function boundariesByName(passed: readonly string[]): string[] {
  const seen = new Set<string>();
  return passed.filter((boundary) => {
    const name = boundary.replace(/#\d+$/, '');
    const isNew = !seen.has(name) && (name.startsWith('after ') || arrivals.test(name));
    if (isNew) seen.add(name);
    return isNew;
  });
}

export type Attack = Weather & { readonly cuts: readonly Cut[]; readonly fault?: Fault };

/** Plays each attack from the beginning; `tell` hears of each as it ends. */
export async function playAll(
  template: Template,
  undisturbed: Undisturbed,
  attacks: readonly Attack[],
  tell: (verdict: Verdict) => void = () => {},
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = attacks.values();
  const work = async () => {
    for (const attack of waiting) {
      const verdict = judge(undisturbed, attack, await play({ template, ...attack }));
      verdicts.push(verdict);
      tell(verdict);
    }
  };
  await Promise.all(Array.from({ length: runsAtOnce }, work));
  return verdicts;
}

function judge(undisturbed: Undisturbed, { cuts }: Attack, ending: Ending): Verdict {
  const { remains, trouble, cutsStruck, ms } = ending;
  const neverRang = cutsStruck > 0 && remains.mpesa.prompts.length === 0;
  const expected = neverRang ? withoutRinging(undisturbed.remains) : undisturbed.remains;
  const complaints = [...(trouble === '' ? [] : [trouble]), ...differences(expected, remains)];
  return { cuts, cutsStruck, complaints, neverRang, remains, ms };
}

/**
 * The hub cannot know whether its push left before the lights went out, and never rings twice for one: the
 * trade expires, a person is asked to look, and everybody has what they had.
 */
function withoutRinging({ books, mpesa, chain, readings }: Remains): Remains {
  return {
    books: {
      ...books,
      accounts: [
        `energy:${roof.id} ${roof.exportsWh} Wh`,
        `exported -${roof.exportsWh} Wh`,
        `imported -${kiosk.importsWh + home.importsWh} Wh`,
        `need:${kiosk.id} ${kiosk.importsWh} Wh`,
        `need:${home.id} ${home.importsWh} Wh`,
      ],
      trades: books.trades.map((trade) => ({ ...trade, state: 'expired', signed: 0, paid_out: 0 })),
      topups: books.topups.map((topup) => ({ ...topup, state: 'review', code: null })),
      ...{ payouts: [], intents: [] },
    },
    mpesa: {
      ...mpesa,
      ...{ prompts: [], payments: ofOthers(mpesa), payouts: [] },
      utilityCents: utilityCents(mpesa),
    },
    chain: { ...chain, transfers: 0, supplyWh: 0, roofHoldsWh: 0, kioskHoldsWh: 0 },
    readings,
  };
}

const sum = (moved: readonly { readonly amountCents: number }[]): number =>
  moved.reduce((total, { amountCents }) => total + amountCents, 0);
const ofOthers = ({ payments }: Remains['mpesa']) =>
  payments.filter(({ phone }) => phone !== kiosk.phone);

/** What the hub's shortcode holds when the kiosk has not paid and nobody was paid; what was sent back is gone. */
const utilityCents = ({ utilityCents: now, payments, payouts }: Remains['mpesa']): number =>
  now + sum(payouts) - sum(payments.filter(({ phone }) => phone === kiosk.phone));

/** A verdict in one line, with what is wrong below it. */
export function line({ cuts, cutsStruck, complaints, neverRang, ms }: Verdict): string {
  const where = cuts.map((cut) => ('at' in cut ? cut.at : `${cut.afterMs} ms`)).join(', ');
  const reached = cutsStruck < cuts.length ? `  ${cutsStruck} of ${cuts.length} cuts reached` : '';
  const rang = neverRang ? '  no phone rang' : '';
  const head = `${complaints.length === 0 ? '✔' : '✘'}  ${where}  ${ms} ms${reached}${rang}`;
  return [head, ...complaints.map((text) => `     ${text}`)].join('\n');
}
