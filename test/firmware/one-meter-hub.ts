/** A hub for one meter: just enough of MQTT 3.1.1, and a hand on the PUBACKs. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Said = { readonly topic: string; readonly payload: string };

const patienceMs = 30_000;

const connect = 1;
const publish = 3;
const subscribe = 8;
const ping = 12;

/** Takes the first whole packet off, when there is one. */
function takePacket(bytes: Buffer): { head: number; body: Buffer; rest: Buffer } | undefined {
  let length = 0;
  for (let at = 1; at < bytes.length && at < 5; at++) {
    const digit = bytes[at] ?? 0;
    length += (digit & 127) << (7 * (at - 1));
    if (digit > 127) continue;
    const end = at + 1 + length;
    if (bytes.length < end) return undefined;
    return { head: bytes[0] ?? 0, body: bytes.subarray(at + 1, end), rest: bytes.subarray(end) };
  }
  return undefined;
}

export class OneMeterHub implements AsyncDisposable {
  readonly said: Said[] = [];
  /** False: readings wait for `acknowledgeAll`. */
  acknowledges = true;
  readonly #waiting: (() => void)[] = [];
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();
  #news = Promise.withResolvers<void>();

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** The first message of a kind, as soon as it is there; `after` skips so many. */
  async heard(kind: string, after = 0): Promise<Said> {
    for (const endsAt = Date.now() + patienceMs; ; ) {
      const found = this.said.filter(({ topic }) => topic.endsWith(`/${kind}`))[after];
      if (found !== undefined) return found;
      if (Date.now() > endsAt) throw new Error(`never heard ${kind} number ${after}`);
      await Promise.race([this.#news.promise, sleep(100)]);
    }
  }

  acknowledgeAll(): void {
    this.acknowledges = true;
    for (const acknowledge of this.#waiting.splice(0)) acknowledge();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      for (let packet = takePacket(bytes); packet !== undefined; packet = takePacket(bytes)) {
        bytes = packet.rest;
        this.#answer(socket, packet.head, packet.body);
      }
    });
  }

  #answer(socket: Socket, head: number, body: Buffer): void {
    const kind = head >> 4;
    if (kind === connect) socket.write(Buffer.from([0x20, 2, 0, 0]));
    if (kind === subscribe) socket.write(Buffer.from([0x90, 3, body[0] ?? 0, body[1] ?? 0, 1]));
    if (kind === ping) socket.write(Buffer.from([0xd0, 0]));
    if (kind === publish) this.#hear(socket, head, body);
  }

  #hear(socket: Socket, head: number, body: Buffer): void {
    const topicEnd = 2 + body.readUInt16BE(0);
    const isAcknowledged = ((head >> 1) & 3) === 1;
    const payload = body.subarray(topicEnd + (isAcknowledged ? 2 : 0)).toString();
    this.said.push({ topic: body.subarray(2, topicEnd).toString(), payload });
    const isReading = this.said.at(-1)?.topic.endsWith('/reading') === true;
    const puback = Buffer.from([0x40, 2, body[topicEnd] ?? 0, body[topicEnd + 1] ?? 0]);
    if (isAcknowledged && isReading && !this.acknowledges)
      this.#waiting.push(() => socket.write(puback));
    else if (isAcknowledged) socket.write(puback);
    const news = this.#news;
    this.#news = Promise.withResolvers();
    news.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
