/** One connection to an existing broker, spoken in MQTT 3.1.1: from the first byte to the last, never again. */
import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { generate, type Packet, parser } from 'mqtt-packet';

export type LinkOptions = {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** PEM of whoever signed the broker's certificate; the machine's own authorities otherwise. */
  readonly ca: string | undefined;
  readonly username: string;
  readonly password: string;
  readonly clientId: string;
  readonly keepaliveMs: number;
};

export type Listener = {
  welcomed(sessionPresent: boolean): void;
  heard(packet: Packet): void;
  /** Once, whatever happened; nothing comes after it. */
  ended(why: string): void;
};

const welcomeTimeoutMs = 10_000;
const leaveTimeoutMs = 1_000;
/** A broker is gone when it was silent for so many keepalives: MQTT 3.1.1 section 3.1.2.10 says so of clients. */
const silentKeepalives = 1.5;
/** Readings are a few hundred bytes; what is larger was not meant for the hub. */
const packetBytesMax = 262_144;

/** CONNACK return codes: MQTT 3.1.1 section 3.2.2.3. */
const refusalWords: Readonly<Record<number, string>> = {
  1: 'the broker does not speak MQTT 3.1.1',
  2: 'the broker refuses the client id',
  3: 'the broker is not ready',
  4: 'the broker refuses user name or password',
  5: 'the broker does not let this user in',
};

export class Link {
  readonly #socket: Socket;
  readonly #parser = parser({ protocolVersion: 4 });
  readonly #listener: Listener;
  readonly #keepaliveMs: number;
  readonly #unwelcome: NodeJS.Timeout;
  #keeper: NodeJS.Timeout | undefined;
  #heardAtMs = performance.now();
  #isLeaving = false;
  #why: string | undefined;

  constructor(options: LinkOptions, listener: Listener) {
    this.#listener = listener;
    this.#keepaliveMs = options.keepaliveMs;
    this.#socket = dial(options, () => this.send(greeting(options)));
    this.#unwelcome = setTimeout(() => this.hangUp('the broker does not answer'), welcomeTimeoutMs);
    this.#parser.on('packet', (packet) => this.#hear(packet));
    this.#parser.on('error', () => this.hangUp('the broker does not speak MQTT'));
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#why ??= `the broker cannot be reached (${error.code ?? error.message})`;
    });
    this.#socket.once('close', () => {
      clearTimeout(this.#unwelcome);
      clearInterval(this.#keeper);
      this.#listener.ended(this.#why ?? 'the broker hung up');
    });
  }

  send(packet: Packet): void {
    this.write(generate(packet));
  }

  /** Whole packets. What cannot be sent any more is left out. */
  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** What arrives waits with the broker. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#heardAtMs = performance.now();
    this.#socket.resume();
  }

  /** Ends without a farewell. */
  hangUp(why: string): void {
    this.#why ??= why;
    this.#socket.destroy();
  }

  /** Says goodbye after what was sent so far; resolves when the connection is over. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, 'close');
    const tooLong = setTimeout(() => this.#socket.destroy(), leaveTimeoutMs);
    if (this.#socket.connecting) this.#socket.destroy();
    else this.#socket.end(generate({ cmd: 'disconnect' })).resume();
    await closed;
    clearTimeout(tooLong);
  }

  #read(chunk: Buffer): void {
    this.#heardAtMs = performance.now();
    if (this.#isLeaving) return;
    const waitingBytes = this.#parser.parse(chunk);
    if (waitingBytes > packetBytesMax) this.hangUp('the broker sent a packet that is too large');
  }

  #hear(packet: Packet): void {
    if (this.#socket.destroyed) return;
    if (packet.cmd !== 'connack') {
      this.#listener.heard(packet);
      return;
    }
    clearTimeout(this.#unwelcome);
    if (packet.returnCode !== 0) {
      this.hangUp(refusalWords[packet.returnCode ?? -1] ?? 'the broker refuses the hub');
      return;
    }
    this.#keeper = setInterval(() => this.#keepAlive(), this.#keepaliveMs / 2);
    this.#listener.welcomed(packet.sessionPresent);
  }

  #keepAlive(): void {
    const silentMs = performance.now() - this.#heardAtMs;
    // A paused socket hears nothing because the hub does not listen.
    if (!this.#socket.isPaused() && silentMs > silentKeepalives * this.#keepaliveMs)
      this.hangUp('the broker fell silent');
    else this.send({ cmd: 'pingreq' });
  }
}

function dial({ host, port, isTls, ca }: LinkOptions, connected: () => void): Socket {
  if (!isTls) return connectPlain({ host, port, noDelay: true }, connected);
  return connectTls({ host, port, servername: host, ...(ca && { ca }) }, connected).setNoDelay();
}

/** Clean session off: the broker keeps subscriptions and unacknowledged readings (MQTT 3.1.1 section 3.1.2.4). */
const greeting = ({ clientId, username, password, keepaliveMs }: LinkOptions): Packet => ({
  cmd: 'connect',
  ...{ protocolId: 'MQTT', protocolVersion: 4, clean: false, clientId, username },
  password: Buffer.from(password),
  keepalive: Math.ceil(keepaliveMs / 1_000),
});
