/** What aedes asks before it lets a client publish, subscribe or hear: only the client's own. */
import type { AedesOptions, AedesPublishPacket } from 'aedes';
import type { Qos } from './packets.ts';
import { Passage } from './passage.ts';
import type { Refusal, Refusals } from './refusals.ts';
import type { Sessions } from './sessions.ts';
import { isWithinAny } from './topic-rights.ts';
import type { Visit } from './visit.ts';

/** Filters of one client. */
export const filtersPerClientMax = 64;

type Needs = { readonly sessions: Sessions; readonly refusals: Refusals };
type Handlers = Required<
  Pick<
    AedesOptions,
    'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'
  >
>;

const passageOf = (client: { readonly conn: unknown } | null): Passage | undefined =>
  client?.conn instanceof Passage ? client.conn : undefined;

export function intake({ sessions, refusals }: Needs): Handlers {
  return {
    // The door let it in before aedes heard of it.
    authenticate: (client, _name, _password, done) => done(null, passageOf(client) !== undefined),

    /**
     * Readings never come here: the front takes them before aedes sees them, and does so from the first packet
     * after CONNECT on. One that came would be foreign, for an acknowledgement from here would be a lie.
     */
    authorizePublish: (client, packet, callback) => {
      const visit = passageOf(client)?.visit;
      const refusal = objection(visit, packet);
      if (refusal === undefined) {
        callback(null);
        return;
      }
      visit?.refuse(refusal);
      callback(new Error(refusal));
    },

    authorizeSubscribe: (client, asked, callback) => {
      const visit = passageOf(client)?.visit;
      if (visit === undefined || !isWithinAny(asked.topic, visit.rights.subscribe)) {
        visit?.session.forgetRefused(asked.topic);
        refusals.count('foreign-filter', { client: visit?.session.key });
        callback(null, null);
        return;
      }
      const { filters } = visit.session;
      if (!filters.has(asked.topic) && filters.size >= filtersPerClientMax) {
        visit.refuse('too-many-filters');
        callback(new Error('too many filters'));
        return;
      }
      sessions.subscribe(visit.session, asked.topic, asked.qos as Qos);
      // aedes hands every message on at the QoS of its publication, and `authorizeForward` lowers it: aedes
      // itself would take the first of overlapping filters instead of the highest.
      callback(null, { ...asked, qos: 2 });
    },

    authorizeForward: (client, packet) => {
      const passage = passageOf(client);
      if (passage === undefined) return null;
      const isOwn = (packet as { clientId?: string }).clientId === client.id;
      return forwarded(sessions, passage, packet, isOwn);
    },
  };
}

function objection(
  visit: Visit | undefined,
  { topic, retain }: { topic: string; retain: boolean },
): Refusal | undefined {
  if (visit === undefined || !isWithinAny(topic, visit.rights.publish)) return 'foreign-topic';
  return !retain || isWithinAny(topic, visit.rights.retain) ? undefined : 'retained-elsewhere';
}

/** The message as this client shall hear it; null when it hears it later, or not at all. */
function forwarded(
  sessions: Sessions,
  passage: Passage,
  packet: AedesPublishPacket,
  isOwn: boolean,
): AedesPublishPacket | null {
  const { session } = passage.visit;
  // aedes takes the mark from what is said now, and leaves it on what was said before.
  const isLastWord = packet.retain;
  const granted = session.qosFor({ topic: packet.topic, isOwn, isLastWord });
  if (granted === undefined) {
    session.writeOff(packet.brokerCounter);
    return null;
  }
  const qos = Math.min(packet.qos, granted) as Qos;
  const retain = isLastWord || (sessions.wasRetained(packet) && session.keepsRetain(packet.topic));
  // The sender's DUP is between the sender and us: MQTT 3.1.1 section 3.3.1.1.
  if (qos === 0) return passage.isClogged ? null : { ...packet, qos, retain, dup: false };
  const messageId = session.isKept
    ? idOfOwed(sessions, passage, packet, qos)
    : idUnlessClogged(passage);
  return messageId === undefined ? null : { ...packet, qos, retain, dup: false, messageId };
}

/** What a remembered client cannot take now it is owed, and gets in its turn. */
function idOfOwed(
  sessions: Sessions,
  { visit, isClogged }: Passage,
  packet: AedesPublishPacket,
  qos: 1 | 2,
): number | undefined {
  const { session } = visit;
  const owed =
    session.owedBy(packet.brokerCounter) ?? sessions.oweTo(session, packet, qos, packet.retain);
  if (isClogged) visit.isCaughtUp = false;
  if (session.inFlight >= session.windowMax) visit.isCaughtUp = false;
  if (owed.packetId !== 0 || !visit.isCaughtUp) return undefined;
  owed.packetId = session.nextPacketId();
  return owed.packetId;
}

/** Who must not miss anything, does not listen and is not remembered starts anew. */
function idUnlessClogged({ visit, isClogged }: Passage): number | undefined {
  if (isClogged) visit.refuse('reads-too-slowly');
  return isClogged ? undefined : visit.session.nextPacketId();
}
