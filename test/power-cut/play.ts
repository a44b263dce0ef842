/** Plays the story of one trade with power cuts in it, each with a real process and a real SIGKILL. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { writeDown } from '../support/transcript.ts';
import type { Fault } from './faults.ts';
import { type Remains, remainsOf } from './remains.ts';
import { type Stage, setStage, type Weather } from './stage.ts';
import type { Template } from './template.ts';
import { cutVariable, type FromGateway, faultVariable, type Status } from './told.ts';

/** At a boundary by its name and number or as the n-th of all, or a while after the process was started. */
export type Cut = { readonly at: string } | { readonly afterMs: number };

export type Play = Weather & {
  readonly template: Template;
  /** The first life of the gateway ends with the first cut, the next with the second, the last by itself. */
  readonly cuts: readonly Cut[];
  readonly fault?: Fault;
};

export type Ending = {
  /** Cuts that were reached before the story was over. */
  readonly cutsStruck: number;
  /** Boundaries that the last life passed, in order. */
  readonly passed: readonly string[];
  /** Empty when the hub came to the trade's end and closed cleanly; else what happened, and its log. */
  readonly trouble: string;
  readonly remains: Remains;
  readonly ms: number;
};

const entry = fileURLToPath(new URL('gateway.ts', import.meta.url));
/** One life of the gateway, in machine ms; a good one takes about two seconds. */
const lifeMostMs = 45_000;
/** The contract: SIGTERM ends the hub within 10 s. */
const closeMostMs = 10_000;
const logMost = 20_000;
/** How often a cut that must wait looks again. */
const fragileMs = 20;

/** Takes a fresh copy of the template and a fresh world; at the end nothing of them is left. */
export async function play({ template, cuts, fault, ...weather }: Play): Promise<Ending> {
  const startedAt = performance.now();
  await using stage = await setStage(template, weather);
  let cutsStruck = 0;
  let life: Life;
  do {
    life = await live(stage, cuts[cutsStruck], fault);
    if (life.end === 'cut') cutsStruck += 1;
  } while (life.end === 'cut');
  const remains = await remainsOf(stage);
  const trouble = life.end === 'closed' ? '' : `the hub ${wordsFor[life.end]}\n${life.log}`;
  const ms = Math.round(performance.now() - startedAt);
  return { cutsStruck, passed: life.passed, trouble, remains, ms };
}

const wordsFor: Record<Exclude<Life['end'], 'closed'>, string> = {
  cut: 'was cut off',
  late: 'did not come to the end of the trade, or did not close, in time',
  'ended by itself': 'ended by itself',
};

type Life = {
  /** 'closed' after the trade's end, 'cut' by the power; else what should never happen. */
  readonly end: 'closed' | 'cut' | 'late' | 'ended by itself';
  readonly passed: readonly string[];
  readonly log: string;
};

/** One life of the gateway's process, from its start to its end, however that comes. */
async function live(stage: Stage, cut: Cut | undefined, fault: Fault | undefined): Promise<Life> {
  const child = startGateway(stage, cut, fault);
  const passed: string[] = [];
  let [log, isTold, isLate] = ['', false, false];
  const giveUp = () => {
    isLate = true;
    child.kill('SIGKILL');
  };
  let patience = setTimeout(giveUp, lifeMostMs);
  const power = cut !== undefined && 'afterMs' in cut ? strikeAfter(cut.afterMs, child, stage) : {};
  const tellToEnd = () => {
    isTold = true;
    clearTimeout(patience);
    patience = setTimeout(giveUp, closeMostMs);
    child.kill('SIGTERM');
  };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-logMost);
    writeDown(text);
  });
  child.on('message', (told: FromGateway) => {
    if ('ready' in told) return stage.opened(told.ready);
    passed.push(...told.status.passed);
    if (isTold) return;
    if (isTheEnd(told.status)) return tellToEnd();
    stage.follow(told.status, (message) => child.send(message, () => {}));
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  child.removeAllListeners('message');
  clearTimeout(patience);
  clearTimeout(power.timer);
  stage.darkened();
  const isCut = signal === 'SIGKILL' && cut !== undefined;
  const otherwise = code === 0 ? 'closed' : 'ended by itself';
  return { end: isLate ? 'late' : isCut ? 'cut' : otherwise, passed, log };
}

function startGateway(stage: Stage, cut: Cut | undefined, fault: Fault | undefined): ChildProcess {
  const env = {
    ...{ ...process.env, ...stage.environment() },
    ...(cut !== undefined && 'at' in cut ? { [cutVariable]: cut.at } : {}),
    ...(fault === undefined ? {} : { [faultVariable]: fault }),
  };
  return spawn(process.execPath, [entry], { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

/** The trade is over, and nothing waits to be done for it. */
const isTheEnd = ({ trades, openTrades, deeds, isErrandOver }: Status): boolean =>
  trades > 0 && openTrades === 0 && deeds === 0 && isErrandOver;

/** Waits on while a cut would take what nobody can tell the hub again. */
function strikeAfter(ms: number, child: ChildProcess, stage: Stage): { timer?: NodeJS.Timeout } {
  const power: { timer?: NodeJS.Timeout } = {};
  const strike = () => {
    if (stage.isFragile()) power.timer = setTimeout(strike, fragileMs);
    else child.kill('SIGKILL');
  };
  power.timer = setTimeout(strike, ms);
  return power;
}
