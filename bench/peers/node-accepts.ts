/** As fast as Node can answer: CONNACK and PUBACK, nothing looked at, nothing kept. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { serveBench } from './peer-process.ts';

const connack = Buffer.from([0x20, 2, 0, 0]);
const pingresp = Buffer.from([0xd0, 0]);
const pubackBytes = 4;
/** The shortest PUBLISH at QoS 1 here. */
const publishBytesMin = 16;

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = bytes.subarray(answer(bytes, socket));
  });
});

/** Answers every whole packet, all PUBACKs with one write; tells how many bytes they were. */
function answer(bytes: Buffer, socket: Socket): number {
  const pubacks = Buffer.allocUnsafe(Math.ceil(bytes.length / publishBytesMin) * pubackBytes);
  let [at, used] = [0, 0];
  for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
    const kind = (bytes[at] ?? 0) >> 4;
    if (kind === 3) {
      const idAt = frame.body + 2 + bytes.readUInt16BE(frame.body);
      pubacks.writeUInt16BE(0x4002, used);
      pubacks[used + 2] = bytes[idAt] ?? 0;
      pubacks[used + 3] = bytes[idAt + 1] ?? 0;
      used += pubackBytes;
    } else if (kind === 1) socket.write(connack);
    else if (kind === 12) socket.write(pingresp);
    at = frame.end;
  }
  if (used > 0) socket.write(pubacks.subarray(0, used));
  return at;
}

/** Where the body of the packet at `at` begins and ends; undefined until it has arrived (MQTT 3.1.1 section 2.2.3). */
function frameAt(bytes: Buffer, at: number): { body: number; end: number } | undefined {
  let length = 0;
  for (let place = at + 1, shift = 0; place < bytes.length; place += 1, shift += 7) {
    const byte = bytes[place] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    const end = place + 1 + length;
    return end <= bytes.length ? { body: place + 1, end } : undefined;
  }
  return undefined;
}

server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () =>
  serveBench({ port: (server.address() as AddressInfo).port }, {}),
);
