/** A meter on the bench with a hub that does as it is told. For tests only. */
#pragma once
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "jirani/config.h"
#include "jirani/meter.h"
#include "jirani/text.h"
#include "sim_flash.h"

namespace jirani {

struct BenchTime final : ReadingTime {
  WallTime wallTime() override { return wall; }
  uint32_t uptimeSeconds() override { return uptime; }
  void hubSays(uint32_t unixSeconds) override { wall = {unixSeconds, timeKeptOrFromHub}; }
  WallTime wall{1'795'431'446, timeSynchronised};
  uint32_t uptime = 0;
};

struct BenchHouse final : House {
  bool setRelay(bool isClosed) override {
    isRelayClosed = isClosed;
    return true;
  }
  bool identify(uint32_t seconds) override {
    identified += seconds;
    return true;
  }
  bool calibrate(int32_t voltagePpm, int32_t, int32_t) override {
    calibratedPpm += voltagePpm;
    return true;
  }
  bool isRelayClosed = false;
  uint32_t identified = 0;
  int32_t calibratedPpm = 0;
};

struct BenchFloor final : SequenceFloor {
  uint64_t load() override { return floor; }
  bool store(uint64_t wanted) override {
    floor = wanted;
    stores++;
    return true;
  }
  uint64_t floor = 0;
  int stores = 0;
};

/** One PUBLISH that a meter sent. */
struct Said {
  std::string topic;
  std::string payload;
  int id;
  bool isDup;
  uint64_t sequence() const {
    const size_t at = payload.find("\"s\":");
    return at == std::string::npos ? 0 : strtoull(payload.c_str() + at + 4, nullptr, 10);
  }
  uint32_t flags() const {
    return static_cast<uint32_t>(strtoul(payload.c_str() + payload.find("\"fl\":") + 5, nullptr, 10));
  }
};

/** What survives a power cut lives outside of the meter. */
struct Bench final : Transport {
  explicit Bench(uint32_t sectors = 8) : flash(sectors) { start(); }

  /** The meter starts; nothing of its memory is left. */
  void start() {
    inFlight.clear();
    metering = Metering{};
    const MeterParts parts{flash, floor, signer, *this, time, house, metering};
    const MeterSettings settings{id.c_str(), secret.c_str(), 60,     ++boot, boot, backOffFirstMs,
                                 backOffMaxMs, "1.0.0",     "bench", false};
    meter = std::make_unique<Meter>(parts, settings);
    REQUIRE(meter->begin(Calibration{}, nowMs));
  }

  bool write(const uint8_t *bytes, size_t length) override {
    if (isCut) return false;
    const uint8_t type = bytes[0] >> 4;
    if (type == 1) connects++;
    if (type == 8) subscriptions++;
    if (type == 3) hearPublish(bytes, length);
    return true;
  }

  void hearPublish(const uint8_t *bytes, size_t length) {
    const size_t head = bytes[1] < 128 ? 2 : 3;
    const size_t topicLength = bytes[head] << 8 | bytes[head + 1];
    const bool isQos1 = (bytes[0] & 2) != 0;
    const size_t idAt = head + 2 + topicLength, payloadAt = idAt + (isQos1 ? 2 : 0);
    Said said{std::string(reinterpret_cast<const char *>(bytes) + head + 2, topicLength),
              std::string(reinterpret_cast<const char *>(bytes) + payloadAt, length - payloadAt),
              isQos1 ? bytes[idAt] << 8 | bytes[idAt + 1] : 0, (bytes[0] & 8) != 0};
    all.push_back(said);
    if (said.topic == readingTopic()) readings.push_back(said);
    if (isQos1) inFlight.push_back(said.id);
  }

  void connect(bool isSessionPresent = true) {
    isCut = false;
    inFlight.clear();
    // However long it would have waited.
    REQUIRE(meter->wantsToDial(nowMs + backOffMaxMs));
    meter->opened(nowMs);
    const uint8_t connack[] = {0x20, 2, isSessionPresent ? uint8_t{1} : uint8_t{0}, 0};
    meter->feed(connack, sizeof connack, nowMs);
    REQUIRE(meter->isUp());
  }
  void disconnect() {
    isCut = true;
    meter->lost(nowMs);
  }
  /** The hub has stored what is in flight. */
  void acknowledgeOne() {
    REQUIRE(inFlight.size() == 1);
    const int packetId = inFlight[0];
    inFlight.clear();
    const uint8_t puback[] = {0x40, 2, static_cast<uint8_t>(packetId >> 8), static_cast<uint8_t>(packetId)};
    meter->feed(puback, sizeof puback, nowMs);
  }
  void acknowledgeAll() {
    for (int k = 0; !inFlight.empty(); k++) {
      // A meter that tells the same for ever.
      REQUIRE(k < 1'000);
      acknowledgeOne();
    }
  }
  /** Ten seconds at so many watts, and a reading. */
  bool measure(int64_t watts = 1'000) {
    nowMs += 10'000;
    time.uptime += 10;
    if (time.wall.quality != timeNeverSet) time.wall.unixSeconds += 10;
    Increment increment;
    increment.energy.importNj = watts > 0 ? watts * 10'000'000'000 : 0;
    increment.energy.exportNj = watts < 0 ? -watts * 10'000'000'000 : 0;
    increment.durationUs = 10'000'000;
    increment.voltageMv = 230'000;
    increment.currentMa = static_cast<uint32_t>((watts < 0 ? -watts : watts) * 1'000 / 230);
    increment.frequencyMhz = 50'000;
    REQUIRE(metering.increment(increment));
    return meter->takeReading(nowMs);
  }
  void publishToMeter(const std::string &topic, const std::string &payload) {
    std::vector<uint8_t> body{static_cast<uint8_t>(topic.size() >> 8), static_cast<uint8_t>(topic.size())};
    body.insert(body.end(), topic.begin(), topic.end());
    body.push_back(0x7f);
    body.push_back(++commandId);
    body.insert(body.end(), payload.begin(), payload.end());
    std::vector<uint8_t> packet{0x32, static_cast<uint8_t>(body.size() % 128 | 128),
                                static_cast<uint8_t>(body.size() / 128)};
    packet.insert(packet.end(), body.begin(), body.end());
    meter->feed(packet.data(), packet.size(), nowMs);
  }
  /** A command with a good MAC. */
  void command(const std::string &name, const std::string &commandId_, const std::string &args,
               uint32_t lifeSeconds = 60) {
    const std::string topic = "jirani/v1/meters/" + id + "/cmd/" + name;
    const std::string body = "{\"id\":\"" + commandId_ + "\",\"exp\":" +
                             std::to_string(time.wall.unixSeconds + lifeSeconds) + ",\"args\":" + args;
    uint8_t psk[32], commandKey[32], mac[32];
    pskOf(secret.c_str(), psk);
    commandKeyOf(psk, commandKey);
    const std::string message = topic + "\n" + body;
    hmacSha256(commandKey, 32, message.data(), message.size(), mac);
    char text[64];
    TextWriter out(text, sizeof text);
    out.base64(mac, 32);
    publishToMeter(topic, body + ",\"mac\":\"" + std::string(text, out.length()) + "\"}");
  }
  /** The last word about a command, or nothing. */
  std::string outcomeOf(const std::string &commandId_) const {
    std::string word;
    for (const Said &said : all) {
      if (said.topic != "jirani/v1/meters/" + id + "/ack/" + commandId_) continue;
      const size_t at = said.payload.find("\"outcome\":\"") + 11;
      word = said.payload.substr(at, said.payload.find('"', at) - at);
    }
    return word;
  }
  std::vector<uint64_t> sequences(size_t from = 0) const {
    std::vector<uint64_t> found;
    for (size_t at = from; at < readings.size(); at++) found.push_back(readings[at].sequence());
    return found;
  }
  std::string readingTopic() const { return "jirani/v1/meters/" + id + "/reading"; }

  std::string id = "em-7c9ebd112233", secret = "a secret of the vectors";
  SimFlash flash;
  BenchFloor floor;
  BenchTime time;
  BenchHouse house;
  const uint8_t key[32] = {11};
  HmacSigner signer{key};
  Metering metering;
  std::unique_ptr<Meter> meter;
  uint64_t nowMs = 1'000;
  uint32_t boot = 0;
  uint8_t commandId = 0;
  bool isCut = true;
  int connects = 0, subscriptions = 0;
  std::vector<Said> all, readings;
  std::vector<int> inFlight;
};

}  // namespace jirani
