/** What a client is owed: MQTT 3.1.1 section 4.4. */
import { packetType, publishPacket, shortPacket } from './packets.ts';
import type { Session } from './session.ts';

const pubrel = (packetType.pubrel << 4) | 2;

/** For a client that comes back: what was sent before says so, and what was received is only released. */
export function repeatedPackets(session: Session): Buffer {
  const packets: Buffer[] = [];
  for (const message of session.owed) {
    if (message.packetId === 0) continue;
    const repeated = publishPacket({ ...message, dup: true }, message.payload);
    packets.push(message.isReceived ? shortPacket(pubrel, message.packetId) : repeated);
  }
  return Buffer.concat(packets);
}

/** What was never sent, in the order of publication, as far as the client's window goes. */
export function unsentPackets(session: Session): { packets: Buffer; isAll: boolean } {
  const packets: Buffer[] = [];
  let room = session.windowMax - session.inFlight;
  let isAll = true;
  for (const message of session.owed) {
    if (message.packetId !== 0) continue;
    if (room <= 0) {
      isAll = false;
      break;
    }
    room -= 1;
    message.packetId = session.nextPacketId();
    packets.push(publishPacket({ ...message, dup: false }, message.payload));
  }
  return { packets: Buffer.concat(packets), isAll };
}
