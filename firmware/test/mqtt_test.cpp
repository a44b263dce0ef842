#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "jirani/back_off.h"
#include "jirani/mqtt.h"

using namespace jirani;

namespace {

struct Line final : Transport {
  bool write(const uint8_t *bytes, size_t length) override {
    if (isCut) return false;
    sent.push_back({bytes, bytes + length});
    return true;
  }
  std::vector<std::vector<uint8_t>> sent;
  bool isCut = false;
};

struct Ear final : MqttListener {
  void mqttUp(bool isSessionPresent) override {
    ups++;
    isResumed = isSessionPresent;
  }
  void mqttDelivered() override { delivered++; }
  void mqttMessage(const char *topic, size_t topicLength, const uint8_t *payload, size_t length) override {
    heard.push_back(std::string(topic, topicLength) + " " +
                    std::string(reinterpret_cast<const char *>(payload), length));
  }
  int ups = 0, delivered = 0;
  bool isResumed = false;
  std::vector<std::string> heard;
};

struct Talk {
  Line line;
  Ear ear;
  MqttClient client;
  MqttOptions options{"meter-1", "meter-1", "a secret", "will/topic", "offline", 60};

  void dial(uint64_t nowMs = 0) { REQUIRE(client.connect(line, ear, options, nowMs)); }
  void hear(std::initializer_list<int> bytes, uint64_t nowMs = 0) {
    const std::vector<uint8_t> all(bytes.begin(), bytes.end());
    client.feed(all.data(), all.size(), nowMs);
  }
  void up(uint64_t nowMs = 0, bool isResumed = false) {
    dial(nowMs);
    hear({0x20, 2, isResumed ? 1 : 0, 0}, nowMs);
    REQUIRE(client.state() == MqttState::up);
    line.sent.clear();
  }
  bool publish(const std::string &payload, uint64_t nowMs = 0) {
    return client.publish("t", reinterpret_cast<const uint8_t *>(payload.data()), payload.size(), false, nowMs);
  }
  /** Its identifier, from the packet: head, length, two bytes of topic length, `t`. */
  static int idOf(const std::vector<uint8_t> &packet) { return packet[5] << 8 | packet[6]; }
};

using Bytes = std::vector<uint8_t>;

}  // namespace

TEST_CASE("the first packet says who this is, that the session stays, and what to say when it is gone") {
  Talk talk;
  talk.dial();
  const std::string expected("\x10\x3b\x00\x04MQTT\x04\xec\x00\x3c\x00\x07meter-1\x00\x0awill/topic\x00\x07offline"
                             "\x00\x07meter-1\x00\x08"
                             "a secret",
                             61);
  CHECK(std::string(talk.line.sent[0].begin(), talk.line.sent[0].end()) == expected);
}

TEST_CASE("one message is in flight; the next goes when the broker has it") {
  Talk talk;
  talk.up();
  CHECK(talk.publish("one"));
  CHECK_FALSE(talk.publish("two"));
  CHECK(talk.line.sent.back() == Bytes{0x32, 8, 0, 1, 't', 0, 1, 'o', 'n', 'e'});
  talk.hear({0x40, 2, 0, 9});
  CHECK(talk.ear.delivered == 0);
  talk.hear({0x40, 2, 0, 1});
  CHECK(talk.ear.delivered == 1);
  CHECK(talk.publish("two"));
  CHECK(Talk::idOf(talk.line.sent.back()) == 2);
}

TEST_CASE("after a broken connection the same bytes go out again, marked, before anything else") {
  Talk talk;
  talk.up();
  CHECK(talk.publish("one"));
  const Bytes first = talk.line.sent.back();
  talk.client.lost();
  CHECK_FALSE(talk.publish("two"));
  talk.up(1'000, true);
  CHECK(talk.ear.isResumed);
  talk.client.lost();
  talk.dial(2'000);
  talk.line.sent.clear();
  talk.hear({0x20, 2, 1, 0}, 2'000);
  Bytes marked = first;
  marked[0] |= 8;
  CHECK(talk.line.sent[0] == marked);
  CHECK(talk.ear.ups == 3);
  talk.hear({0x40, 2, 0, 1, 0x40, 2, 0, 1}, 2'000);
  CHECK(talk.ear.delivered == 1);
}

TEST_CASE("a message that meets a dead line is not lost") {
  Talk talk;
  talk.up();
  talk.line.isCut = true;
  CHECK(talk.publish("one"));
  CHECK(talk.client.death() == MqttDeath::transport);
  talk.line.isCut = false;
  talk.dial();
  talk.hear({0x20, 2, 0, 0});
  CHECK(talk.line.sent.back()[0] == 0x3a);
}

TEST_CASE("it pings after the keepalive, and gives up after one and a half without a byte") {
  Talk talk;
  talk.up(1'000);
  talk.client.tick(60'999);
  CHECK(talk.line.sent.empty());
  talk.client.tick(61'000);
  CHECK(talk.line.sent.back() == Bytes{0xc0, 0});
  talk.client.tick(90'999);
  CHECK(talk.line.sent.size() == 1);
  CHECK(talk.client.state() == MqttState::up);
  SUBCASE("an answer keeps it alive") {
    talk.hear({0xd0, 0}, 90'999);
    talk.client.tick(150'999);
    CHECK(talk.client.state() == MqttState::up);
    CHECK(talk.line.sent.size() == 2);
  }
  SUBCASE("silence does not") {
    talk.client.tick(91'000);
    CHECK(talk.client.death() == MqttDeath::silence);
  }
}

TEST_CASE("a broker that answers pings but no message is left") {
  Talk talk;
  talk.up();
  talk.publish("one");
  for (uint64_t nowMs = 0; nowMs < pubackMsMax; nowMs += 10'000) {
    talk.hear({0xd0, 0}, nowMs);
    talk.client.tick(nowMs);
    CHECK(talk.client.state() == MqttState::up);
  }
  talk.client.tick(pubackMsMax);
  CHECK(talk.client.death() == MqttDeath::noPuback);
}

TEST_CASE("a broker that never says CONNACK is left") {
  Talk talk;
  talk.dial(5);
  talk.client.tick(connackMsMax + 4);
  CHECK(talk.client.state() == MqttState::connecting);
  talk.client.tick(connackMsMax + 5);
  CHECK(talk.client.death() == MqttDeath::noConnack);
}

TEST_CASE("a refusal is kept for whoever wants to know") {
  Talk talk;
  talk.dial();
  talk.hear({0x20, 2, 0, 5});
  CHECK(talk.client.death() == MqttDeath::refused);
  CHECK(talk.client.refusal() == 5);
}

TEST_CASE("a message of QoS 1 is heard, then acknowledged; one of QoS 0 is only heard") {
  Talk talk;
  talk.up();
  talk.hear({0x32, 7, 0, 1, 'c', 1, 2, 'h', 'i'});
  CHECK(talk.ear.heard == std::vector<std::string>{"c hi"});
  CHECK(talk.line.sent.back() == Bytes{0x40, 2, 1, 2});
  talk.hear({0x30, 4, 0, 1, 'c', 'x'});
  CHECK(talk.ear.heard.back() == "c x");
  CHECK(talk.line.sent.size() == 1);
}

TEST_CASE("packets may come byte by byte or all at once") {
  const Bytes stream{0x20, 2, 0, 0, 0x32, 7, 0, 1, 'c', 1, 2, 'h', 'i', 0xd0, 0, 0x30, 4, 0, 1, 'c', 'x'};
  for (size_t piece = 1; piece <= stream.size(); piece++) {
    Talk talk;
    talk.dial();
    for (size_t at = 0; at < stream.size(); at += piece)
      talk.client.feed(&stream[at], stream.size() - at < piece ? stream.size() - at : piece, 0);
    CHECK(talk.ear.heard == std::vector<std::string>{"c hi", "c x"});
  }
}

TEST_CASE("whatever is not MQTT 3.1.1 as we speak it ends the connection") {
  const Bytes wrong[] = {
      {0x34, 7, 0, 1, 'c', 1, 2, 'h', 'i'},        // QoS 2
      {0x38, 4, 0, 1, 'c', 'x'},                   // a duplicate of QoS 0
      {0x32, 5, 0, 1, 'c', 0, 0},                  // identifier 0
      {0x30, 3, 0, 2, 'c'},                        // a topic longer than its packet
      {0x30, 3, 0, 1, '#'},                        // a wildcard in a name
      {0x30, 2, 0, 0},                             // no topic
      {0x40, 3, 0, 1, 0},                          // PUBACK of three bytes
      {0x42, 2, 0, 1},                             // PUBACK with flags
      {0x90, 3, 0, 1, 2},                          // granted more than was asked
      {0x90, 3, 0, 1, 0x80},                       // refused
      {0xd0, 1, 0},                                // PINGRESP with a body
      {0x20, 2, 0, 0},                             // a second CONNACK
      {0x10, 0},                                   // a packet of clients
      {0x00, 0},                                   // type 0
      {0x30, 0xff, 0xff, 0xff, 0xff, 1},           // a length of five bytes
      {0x30, 0x81, 0x05},                          // 641 bytes
      {0xe0, 0},                                   // DISCONNECT
  };
  for (const Bytes &bytes : wrong) {
    Talk talk;
    talk.up();
    talk.client.feed(bytes.data(), bytes.size(), 0);
    CAPTURE(bytes[0]);
    CHECK(talk.client.state() == MqttState::dead);
    CHECK(talk.ear.heard.empty());
  }
}

TEST_CASE("the largest packet fits, one byte more is never sent") {
  Talk talk;
  talk.up();
  CHECK_FALSE(talk.publish(std::string(packetBytesMax - 9, 'x')));
  CHECK(talk.line.sent.empty());
  CHECK(talk.publish(std::string(packetBytesMax - 10, 'x')));
  Talk other;
  const std::string longName(packetBytesMax, 'n');
  other.options.clientId = longName.c_str();
  CHECK_FALSE(other.client.connect(other.line, other.ear, other.options, 0));
  CHECK(other.line.sent.empty());
}

TEST_CASE("7: waits grow to a minute, differ from meter to meter, and begin anew after success") {
  BackOff backOff;
  Chance chance(1), other(2);
  CHECK(chance.next() != other.next());
  uint32_t dueMs = backOffFirstMs, longest = 0;
  for (int attempt = 0; attempt < 30; attempt++) {
    const uint32_t waitMs = backOff.nextMs(chance);
    CHECK(waitMs >= dueMs / 2);
    CHECK(waitMs <= dueMs);
    longest = waitMs > longest ? waitMs : longest;
    dueMs = dueMs * 2 > backOffMaxMs ? backOffMaxMs : dueMs * 2;
  }
  CHECK(longest > backOffMaxMs / 2);
  backOff.succeeded();
  CHECK(backOff.nextMs(chance) <= backOffFirstMs);
}
