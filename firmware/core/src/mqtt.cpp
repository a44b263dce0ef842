#include "jirani/mqtt.h"

#include <string.h>

namespace jirani {
namespace {

/** Types of packets and their fixed flags: MQTT 3.1.1 section 2.2. */
enum PacketHead : uint8_t {
  headConnect = 0x10,
  headConnack = 0x20,
  headPublish = 0x30,
  headPuback = 0x40,
  headSubscribe = 0x82,
  headSuback = 0x90,
  headPingreq = 0xc0,
  headPingresp = 0xd0,
};

constexpr uint8_t flagRetain = 1, flagQos1 = 2, flagDup = 8;
constexpr uint8_t connectWill = 4, connectWillQos1 = 8, connectWillRetain = 32, connectPassword = 64,
                  connectUsername = 128;
constexpr uint8_t protocolLevel = 4;
/** Remaining length takes one to four bytes (section 2.2.3). */
constexpr uint8_t lengthBytesMax = 4;
constexpr size_t fixedHeadBytesMax = 1 + lengthBytesMax;
constexpr uint8_t subscribeFailed = 0x80;

/** Builds a packet; the body is written first, behind room for the largest head. */
class PacketWriter {
 public:
  explicit PacketWriter(uint8_t *packet) : packet_(packet) {}

  void byte(uint8_t value) { bytes(&value, 1); }
  void number(uint16_t value) {
    byte(static_cast<uint8_t>(value >> 8));
    byte(static_cast<uint8_t>(value));
  }
  void bytes(const uint8_t *from, size_t length) {
    if (!isWhole_ || length > packetBytesMax - end_) {
      isWhole_ = false;
      return;
    }
    if (length > 0) memcpy(packet_ + end_, from, length);
    end_ += length;
  }
  void text(const char *text) {
    const size_t length = strlen(text);
    if (length > packetBytesMax) {
      isWhole_ = false;
      return;
    }
    number(static_cast<uint16_t>(length));
    bytes(reinterpret_cast<const uint8_t *>(text), length);
  }
  /** The packet's length, now that it stands at the beginning of the buffer; 0 when it did not fit. */
  size_t finish(uint8_t head) {
    if (!isWhole_) return 0;
    const size_t bodyLength = end_ - fixedHeadBytesMax;
    uint8_t start[fixedHeadBytesMax] = {head};
    size_t length = 1;
    size_t left = bodyLength;
    do {
      start[length++] = static_cast<uint8_t>(left % 128 | (left >= 128 ? 128 : 0));
      left /= 128;
    } while (left > 0);
    memmove(packet_ + length, packet_ + fixedHeadBytesMax, bodyLength);
    memcpy(packet_, start, length);
    return length + bodyLength;
  }

 private:
  uint8_t *packet_;
  size_t end_ = fixedHeadBytesMax;
  bool isWhole_ = true;
};

uint16_t numberAt(const uint8_t *bytes) { return static_cast<uint16_t>(bytes[0] << 8 | bytes[1]); }

/** A topic name has no wildcards and no NUL (section 4.7). */
bool isTopicName(const uint8_t *topic, size_t length) {
  for (size_t at = 0; at < length; at++)
    if (topic[at] == '#' || topic[at] == '+' || topic[at] == 0) return false;
  return length > 0;
}

}  // namespace

bool MqttClient::connect(Transport &transport, MqttListener &listener, const MqttOptions &options, uint64_t nowMs) {
  transport_ = &transport;
  listener_ = &listener;
  state_ = MqttState::connecting;
  death_ = MqttDeath::none;
  refusal_ = 0;
  isPingOut_ = isHeadWhole_ = false;
  inFilled_ = inLength_ = 0;
  lengthBytes_ = inHead_ = 0;
  keepAliveMs_ = options.keepAliveSeconds * 1000u;
  heardAtMs_ = nowMs;
  uint8_t packet[packetBytesMax];
  PacketWriter out(packet);
  out.text("MQTT");
  out.byte(protocolLevel);
  const uint8_t will = options.willTopic ? connectWill | connectWillQos1 | connectWillRetain : 0;
  out.byte(static_cast<uint8_t>(will | (options.username ? connectUsername : 0) |
                                (options.password ? connectPassword : 0)));
  out.number(options.keepAliveSeconds);
  out.text(options.clientId);
  if (options.willTopic) {
    out.text(options.willTopic);
    out.text(options.willMessage);
  }
  if (options.username) out.text(options.username);
  if (options.password) out.text(options.password);
  const size_t length = out.finish(headConnect);
  if (length == 0) die(MqttDeath::tooLarge);
  return length > 0 && send(packet, length, nowMs);
}

bool MqttClient::send(const uint8_t *bytes, size_t length, uint64_t nowMs) {
  sentAtMs_ = nowMs;
  if (transport_->write(bytes, length)) return true;
  die(MqttDeath::transport);
  return false;
}

void MqttClient::die(MqttDeath why) {
  if (state_ == MqttState::dead) return;
  state_ = MqttState::dead;
  death_ = why;
}

uint16_t MqttClient::nextPacketId() {
  do packetId_++;
  while (packetId_ == 0 || (packetId_ == inFlightId_ && isInFlight()));
  return packetId_;
}

size_t MqttClient::buildPublish(uint8_t *packet, uint8_t head, const char *topic, uint16_t packetId,
                                const uint8_t *payload, size_t length) const {
  PacketWriter out(packet);
  out.text(topic);
  if (packetId != 0) out.number(packetId);
  out.bytes(payload, length);
  return out.finish(head);
}

bool MqttClient::publish(const char *topic, const uint8_t *payload, size_t length, bool isRetained, uint64_t nowMs) {
  if (state_ != MqttState::up || isInFlight()) return false;
  const uint8_t head = static_cast<uint8_t>(headPublish | flagQos1 | (isRetained ? flagRetain : 0));
  const uint16_t packetId = nextPacketId();
  const size_t packetLength = buildPublish(inFlight_, head, topic, packetId, payload, length);
  if (packetLength == 0) return false;
  inFlightLength_ = packetLength;
  inFlightId_ = packetId;
  publishedAtMs_ = nowMs;
  // In flight from here on: a connection that breaks now brings it again, marked as a duplicate.
  send(inFlight_, inFlightLength_, nowMs);
  return true;
}

bool MqttClient::mention(const char *topic, const uint8_t *payload, size_t length, bool isRetained, uint64_t nowMs) {
  if (state_ != MqttState::up) return false;
  uint8_t packet[packetBytesMax];
  const uint8_t head = static_cast<uint8_t>(headPublish | (isRetained ? flagRetain : 0));
  const size_t packetLength = buildPublish(packet, head, topic, 0, payload, length);
  return packetLength > 0 && send(packet, packetLength, nowMs);
}

bool MqttClient::subscribe(const char *filter, uint64_t nowMs) {
  if (state_ != MqttState::up) return false;
  uint8_t packet[packetBytesMax];
  PacketWriter out(packet);
  subscribeId_ = nextPacketId();
  out.number(subscribeId_);
  out.text(filter);
  out.byte(1);
  const size_t length = out.finish(headSubscribe);
  return length > 0 && send(packet, length, nowMs);
}

/** Section 4.4: what was not acknowledged goes out again under its old identifier. */
void MqttClient::resendInFlight(uint64_t nowMs) {
  if (!isInFlight()) return;
  inFlight_[0] |= flagDup;
  publishedAtMs_ = nowMs;
  send(inFlight_, inFlightLength_, nowMs);
}

void MqttClient::tick(uint64_t nowMs) {
  const uint64_t silentMs = nowMs - heardAtMs_;
  if (state_ == MqttState::connecting && silentMs >= connackMsMax) die(MqttDeath::noConnack);
  if (state_ != MqttState::up) return;
  if (isInFlight() && nowMs - publishedAtMs_ >= pubackMsMax) return die(MqttDeath::noPuback);
  if (keepAliveMs_ == 0) return;
  if (silentMs >= keepAliveMs_ + keepAliveMs_ / 2) return die(MqttDeath::silence);
  const bool isQuiet = nowMs - sentAtMs_ >= keepAliveMs_ || silentMs >= keepAliveMs_;
  if (!isQuiet || isPingOut_) return;
  isPingOut_ = true;
  const uint8_t ping[] = {headPingreq, 0};
  send(ping, sizeof ping, nowMs);
}

/** Takes bytes of the fixed head; answers how many. */
size_t MqttClient::takeHead(const uint8_t *bytes, size_t length) {
  size_t taken = 0;
  while (taken < length && !isHeadWhole_ && state_ != MqttState::dead) {
    const uint8_t byte = bytes[taken++];
    if (inHead_ == 0) {
      inHead_ = byte;
      if (byte == 0) die(MqttDeath::protocol);
      continue;
    }
    inLength_ |= static_cast<size_t>(byte & 127) << (7 * lengthBytes_++);
    if (byte < 128) isHeadWhole_ = true;
    else if (lengthBytes_ == lengthBytesMax) die(MqttDeath::protocol);
  }
  if (isHeadWhole_ && inLength_ > packetBytesMax) die(MqttDeath::tooLarge);
  return taken;
}

void MqttClient::feed(const uint8_t *bytes, size_t length, uint64_t nowMs) {
  if (length > 0) heardAtMs_ = nowMs;
  while (length > 0 && (state_ == MqttState::connecting || state_ == MqttState::up)) {
    size_t taken = 0;
    if (!isHeadWhole_) taken = takeHead(bytes, length);
    if (state_ == MqttState::dead) return;
    if (isHeadWhole_) {
      const size_t missing = inLength_ - inFilled_;
      const size_t part = length - taken < missing ? length - taken : missing;
      memcpy(in_ + inFilled_, bytes + taken, part);
      inFilled_ += part;
      taken += part;
    }
    bytes += taken;
    length -= taken;
    if (!isHeadWhole_ || inFilled_ < inLength_) continue;
    const Packet packet{inHead_, in_, inLength_};
    isHeadWhole_ = false;
    inHead_ = lengthBytes_ = 0;
    inLength_ = inFilled_ = 0;
    take(packet, nowMs);
  }
}

void MqttClient::take(const Packet &packet, uint64_t nowMs) {
  if (state_ == MqttState::connecting) return takeConnack(packet, nowMs);
  if ((packet.head & 0xf0) == headPublish) return takePublish(packet, nowMs);
  if (packet.head == headPuback) return takePuback(packet);
  if (packet.head == headSuback) return takeSuback(packet);
  if (packet.head != headPingresp || packet.length != 0) return die(MqttDeath::protocol);
  isPingOut_ = false;
}

void MqttClient::takeConnack(const Packet &packet, uint64_t nowMs) {
  if (packet.head != headConnack || packet.length != 2 || packet.body[0] > 1) return die(MqttDeath::protocol);
  refusal_ = packet.body[1];
  if (refusal_ != 0) return die(MqttDeath::refused);
  state_ = MqttState::up;
  resendInFlight(nowMs);
  if (state_ == MqttState::up) listener_->mqttUp(packet.body[0] == 1);
}

void MqttClient::takePublish(const Packet &packet, uint64_t nowMs) {
  const uint8_t qos = packet.head >> 1 & 3;
  const bool isDup = (packet.head & flagDup) != 0;
  const size_t idBytes = qos == 0 ? 0 : 2;
  // We never ask for QoS 2, and a duplicate of a message that nobody acknowledges makes no sense.
  if (qos > 1 || (qos == 0 && isDup) || packet.length < 2) return die(MqttDeath::protocol);
  const size_t topicLength = numberAt(packet.body);
  if (2 + topicLength + idBytes > packet.length) return die(MqttDeath::protocol);
  const uint8_t *topic = packet.body + 2;
  const uint8_t *id = topic + topicLength;
  if (!isTopicName(topic, topicLength) || (qos == 1 && numberAt(id) == 0)) return die(MqttDeath::protocol);
  const uint8_t puback[] = {headPuback, 2, qos == 1 ? id[0] : uint8_t{0}, qos == 1 ? id[1] : uint8_t{0}};
  const uint8_t *payload = id + idBytes;
  const size_t payloadLength = static_cast<size_t>(packet.body + packet.length - payload);
  listener_->mqttMessage(reinterpret_cast<const char *>(topic), topicLength, payload, payloadLength);
  if (qos == 1 && state_ == MqttState::up) send(puback, sizeof puback, nowMs);
}

void MqttClient::takePuback(const Packet &packet) {
  if (packet.length != 2 || numberAt(packet.body) == 0) return die(MqttDeath::protocol);
  // A second PUBACK after a resend belongs to a message that is over.
  if (!isInFlight() || numberAt(packet.body) != inFlightId_) return;
  inFlightLength_ = 0;
  listener_->mqttDelivered();
}

void MqttClient::takeSuback(const Packet &packet) {
  if (packet.length < 3 || numberAt(packet.body) == 0) return die(MqttDeath::protocol);
  for (size_t at = 2; at < packet.length; at++) {
    const uint8_t granted = packet.body[at];
    if (granted == subscribeFailed) return die(MqttDeath::refused);
    if (granted > 1) return die(MqttDeath::protocol);
  }
}

}  // namespace jirani
