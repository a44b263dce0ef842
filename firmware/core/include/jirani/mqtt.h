/**
 * An MQTT 3.1.1 client without sockets, heap or clock: bytes go in by `feed`, time by `tick`, packets come out
 * whole. One QoS 1 message is in flight at most; it is kept here until its PUBACK, over every reconnection.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace jirani {

/** The largest packet either way; whoever sends a larger one is hung up on. */
constexpr size_t packetBytesMax = 640;
constexpr uint32_t connackMsMax = 10'000;
/** A hub whose disk is full may wait, but one that answers pings only must not be trusted for ever. */
constexpr uint32_t pubackMsMax = 120'000;

class Transport {
 public:
  /** Takes the whole packet or, with false, nothing: then the connection is over. */
  virtual bool write(const uint8_t *bytes, size_t length) = 0;

 protected:
  ~Transport() = default;
};

struct MqttOptions {
  const char *clientId;
  const char *username;
  const char *password;
  const char *willTopic;
  const char *willMessage;
  uint16_t keepAliveSeconds;
};

enum class MqttState : uint8_t { idle, connecting, up, dead };

enum class MqttDeath : uint8_t {
  none,
  transport,
  refused,
  protocol,
  tooLarge,
  silence,
  noConnack,
  noPuback,
};

class MqttListener {
 public:
  virtual void mqttUp(bool isSessionPresent) = 0;
  /** The message in flight is with the broker. */
  virtual void mqttDelivered() = 0;
  /** Is acknowledged when this returns. */
  virtual void mqttMessage(const char *topic, size_t topicLength, const uint8_t *payload, size_t length) = 0;

 protected:
  ~MqttListener() = default;
};

class MqttClient {
 public:
  /** Begins a conversation on a fresh connection. False when the options do not fit into a packet. */
  bool connect(Transport &transport, MqttListener &listener, const MqttOptions &options, uint64_t nowMs);
  void feed(const uint8_t *bytes, size_t length, uint64_t nowMs);
  void tick(uint64_t nowMs);
  /** The connection is gone; what is in flight is sent again, marked, on the next one. */
  void lost() { die(MqttDeath::transport); }

  /** QoS 1. False while another message is in flight, the link is down, or it does not fit. */
  bool publish(const char *topic, const uint8_t *payload, size_t length, bool isRetained, uint64_t nowMs);
  /** QoS 0, without a word back. False when the link is down or it does not fit. */
  bool mention(const char *topic, const uint8_t *payload, size_t length, bool isRetained, uint64_t nowMs);
  bool subscribe(const char *filter, uint64_t nowMs);

  MqttState state() const { return state_; }
  MqttDeath death() const { return death_; }
  /** Of CONNACK, when the broker refused. */
  uint8_t refusal() const { return refusal_; }
  bool isInFlight() const { return inFlightLength_ > 0; }

 private:
  struct Packet {
    uint8_t head;
    const uint8_t *body;
    size_t length;
  };

  bool send(const uint8_t *bytes, size_t length, uint64_t nowMs);
  size_t buildPublish(uint8_t *packet, uint8_t head, const char *topic, uint16_t packetId, const uint8_t *payload,
                      size_t length) const;
  void resendInFlight(uint64_t nowMs);
  size_t takeHead(const uint8_t *bytes, size_t length);
  void take(const Packet &packet, uint64_t nowMs);
  void takeConnack(const Packet &packet, uint64_t nowMs);
  void takePublish(const Packet &packet, uint64_t nowMs);
  void takePuback(const Packet &packet);
  void takeSuback(const Packet &packet);
  void die(MqttDeath why);
  uint16_t nextPacketId();

  Transport *transport_ = nullptr;
  MqttListener *listener_ = nullptr;
  MqttState state_ = MqttState::idle;
  MqttDeath death_ = MqttDeath::none;
  uint8_t refusal_ = 0;
  bool isPingOut_ = false;
  uint16_t packetId_ = 0;
  uint16_t inFlightId_ = 0;
  uint16_t subscribeId_ = 0;
  size_t inFlightLength_ = 0;
  uint32_t keepAliveMs_ = 0;
  uint64_t sentAtMs_ = 0;
  uint64_t heardAtMs_ = 0;
  uint64_t publishedAtMs_ = 0;
  /** Of the packet that is coming in: its head, then its body. */
  uint8_t inHead_ = 0;
  uint8_t lengthBytes_ = 0;
  bool isHeadWhole_ = false;
  size_t inLength_ = 0;
  size_t inFilled_ = 0;
  uint8_t in_[packetBytesMax];
  uint8_t inFlight_[packetBytesMax];
};

}  // namespace jirani
