/** The demo's neighbourhood as real processes, each of which can be taken away: the hub, its ledger, its meters, the world. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoPlan, originFor } from '../../gateway/commands/demo-plan.ts';
import { prepareDemo } from '../../gateway/commands/demo-prepare.ts';
import { startOfDemo } from '../../gateway/commands/demo-time.ts';
import { simulatedMpesaEnvironment } from '../../gateway/commands/simulated-mpesa.ts';
import type { NeighbourhoodClock } from '../../gateway/ports/clock.ts';
import { type Card, openCard } from './card.ts';
import { lookIntoBooks } from './evidence.ts';
import { Kept } from './kept.ts';
import { Part } from './part.ts';
import { choosePorts, type Ports } from './ports.ts';
import { type Counted, countedEnergy } from './promises-readings.ts';
import { makeRelease } from './release.ts';
import {
  type MetersLife,
  type SoakTime,
  trueClock,
  type WorldPlan,
  type WorldReady,
} from './told.ts';

export type StageOptions = {
  readonly seed: number;
  readonly households: number;
  /** Neighbourhood ms per machine ms. */
  readonly speed: number;
  readonly rough: boolean;
  /** A hub that does something wrong on purpose: names of test/power-cut/faults.ts, with commas between. */
  readonly fault?: string | undefined;
};

type ChainReady = { readonly url: string };

const programs = import.meta.dirname;
/** As the demo's children have it: a Pi has little memory. */
const smallHeap = ['--max-semi-space-size=2', '--max-old-space-size=128'];
/** Time begins later, so that the hub is there at 09:00; more on a machine that was slow to prepare. */
const headStartLeastMs = 4_000;
/** The wall clock decides only the demo's date; a fixed one makes a seed's week the same every time. */
const someDayMs = Date.UTC(2026, 8, 7);

export class Stage implements AsyncDisposable {
  readonly plan: DemoPlan;
  readonly time: SoakTime;
  readonly clock: NeighbourhoodClock;
  readonly card: Card;
  readonly world: Part;
  readonly gateway: Kept<unknown>;
  readonly chain: Kept<ChainReady>;
  /** Lives of the meters that are over. */
  readonly lives: MetersLife[] = [];
  /** What was counted before the soak began. */
  readonly energyBefore: readonly Counted[];
  /** How far the hub's clock is wrong at its next start, neighbourhood ms. */
  clockOffByMs = 0;
  /** The folder whose gateway is started next; a copy, so that what is edited meanwhile does not count. */
  release: string;
  #meters: Part | undefined;
  readonly #place: string;
  readonly #parts: AsyncDisposableStack;
  readonly #fault: string | undefined;
  #urls: WorldReady | undefined;
  readonly #ports: Ports;
  #chainUrl = '';

  /** Prepares the neighbourhood and starts everything; time begins when the hub is there. */
  static async open(options: StageOptions): Promise<Stage> {
    await using parts = new AsyncDisposableStack();
    const place = parts.adopt(mkdtempSync(join(tmpdir(), 'jirani-soak-')), (folder) =>
      rmSync(folder, { recursive: true, force: true }),
    );
    const card = parts.use(openCard(place));
    const began = performance.now();
    const plan = await prepareDemo(card.folder, { ...options, originMs: originFor(someDayMs) });
    const headStartMs = Math.max(headStartLeastMs, 2 * (performance.now() - began));
    const time = {
      originMachineNs: String(
        process.hrtime.bigint() + BigInt(Math.round(headStartMs)) * 1_000_000n,
      ),
      originNeighbourhoodMs: startOfDemo(card.folder, plan),
      speed: options.speed,
    };
    const ports = await choosePorts();
    const stage = new Stage({ options, place, card, plan, time, ports, parts: parts.move() });
    try {
      await stage.#begin();
    } catch (problem) {
      await stage[Symbol.asyncDispose]();
      throw problem;
    }
    return stage;
  }

  private constructor(given: {
    readonly options: StageOptions;
    readonly place: string;
    readonly card: Card;
    readonly plan: DemoPlan;
    readonly time: SoakTime;
    readonly parts: AsyncDisposableStack;
    readonly ports: Ports;
  }) {
    const { options, place, card, plan, time, parts, ports } = given;
    this.#ports = ports;
    this.#place = place;
    this.#parts = parts;
    this.#fault = options.fault;
    this.release = makeRelease(place, 'first');
    using books = lookIntoBooks(card.folder);
    this.energyBefore = countedEnergy(books);
    this.card = card;
    this.plan = plan;
    this.time = time;
    this.clock = trueClock(time);
    const { seed, households, rough } = options;
    const { originMs } = plan;
    const publicKeyFile = join(place, 'mpesa.pem');
    const about: WorldPlan = { seed, households, originMs, time, publicKeyFile, rough };
    this.world = parts.use(
      new Part({
        name: 'world',
        words: [join(programs, 'world-program.ts'), JSON.stringify(about)],
      }),
    );
    this.chain = parts.use(
      new Kept<ChainReady>(
        () => ({ name: 'chain', ...this.#program('chain', 'serve', ...this.#chainWords()) }),
        (ready) => {
          this.#chainUrl = ready.url;
        },
      ),
    );
    this.gateway = parts.use(
      new Kept<unknown>(
        () => ({ name: 'gateway', ...this.#gatewayProgram(), env: this.environment() }),
        () => {},
      ),
    );
  }

  async #begin(): Promise<void> {
    await this.world.ready();
    this.#urls = await this.world.ask<WorldReady>('urls');
    await this.chain.start();
    await this.gateway.start();
    // Readings of an earlier moment would stand before the last ones of the two days that were prepared.
    const untilOriginMs = Number(BigInt(this.time.originMachineNs) - process.hrtime.bigint()) / 1e6;
    await sleep(Math.max(0, untilOriginMs));
    await this.startMeters();
  }

  #program = (...words: readonly string[]) => ({
    words: [join(this.release, 'gateway/cli.ts'), ...words],
    nodeOptions: smallHeap,
  });

  #gatewayProgram = () =>
    this.#fault === undefined
      ? this.#program('start')
      : {
          words: [join(this.release, 'test/soak/faulty-program.ts'), this.#fault],
          nodeOptions: smallHeap,
        };

  #chainWords = (): string[] => [
    ...['--port', String(this.#ports.chainPort), '--data-dir', this.card.folder],
  ];

  /** The hub's; commands that look at its books take the same. */
  environment(): Record<string, string> {
    const { mpesaUrl = '', weatherUrl = '', geminiUrl = '', tunnelUrl = '' } = this.#urls ?? {};
    const { originMachineNs, originNeighbourhoodMs, speed } = this.time;
    const { httpPort, callbackPort, mqttPort } = this.#ports;
    return {
      ...passedOn(),
      ...simulatedMpesaEnvironment(mpesaUrl, join(this.#place, 'mpesa.pem')),
      ...{ JIRANI_DEMO: '1', HUB_DATA_DIR: this.card.folder, HUB_LOG_LEVEL: 'warn' },
      HUB_CLOCK: `${originMachineNs}:${originNeighbourhoodMs + this.clockOffByMs}:${speed}`,
      ...{ SCHEME: 'mini-grid', READINGS_COMMIT_MS: '50', NODE_RED: 'off' },
      ...{ SOLANA_CLUSTER: 'embedded', SOLANA_RPC_URLS: this.#chainUrl },
      ...{ WEATHER_BASE_URL: weatherUrl, GEMINI_BASE_URL: geminiUrl },
      ...{ GEMINI_API_KEY: 'simulated-gemini-key', GEMINI_CALLS_PER_DAY: '10000' },
      ...{ TUNNEL: 'localtunnel', LOCALTUNNEL_HOST: tunnelUrl },
      // A hub that is started again must be found where it was.
      ...{ HTTP_PORT: String(httpPort), CALLBACK_PORT: String(callbackPort) },
      ...{ MQTT_PORT: String(mqttPort), MQTTS_PORT: '0' },
    };
  }

  /** Asks the hub as its keeper. Rejects when it is away or says no. */
  async askHub<Found>(path: string, body?: unknown, key?: string): Promise<Found> {
    const token = readFileSync(join(this.card.folder, 'operator-token'), 'utf8').trim();
    const response = await fetch(`http://127.0.0.1:${this.#ports.httpPort}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Found;
  }

  async startMeters(): Promise<void> {
    const { seed, households, originMs, passwords } = this.plan;
    const url = `mqtt://127.0.0.1:${this.#ports.mqttPort}`;
    const plan = { url, seed, households, originMs, passwords, time: this.time };
    const words = [join(programs, 'meters-program.ts'), JSON.stringify(plan)];
    this.#meters = this.#parts.use(new Part({ name: 'meters', words }));
    await this.#meters.ready();
  }

  /** Their power is gone; what they had acknowledged is noted first. After the hub's, so that it stays so. */
  async killMeters(): Promise<void> {
    const life = await this.#meters?.ask<MetersLife>('life');
    await this.#meters?.kill();
    if (life !== undefined) this.lives.push(life);
    this.#meters = undefined;
  }

  /** They deliver what they have and measure no more. */
  async finishMeters(): Promise<void> {
    const life = await this.#meters?.ask<MetersLife>('finish');
    if (life !== undefined) this.lives.push(life);
    this.#meters = undefined;
  }

  /** A release of its own with another version, as an installer unpacks it. */
  makeRelease(version: string): string {
    return makeRelease(this.#place, version, version);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

const passedOn = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'NODE_COMPILE_CACHE'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
