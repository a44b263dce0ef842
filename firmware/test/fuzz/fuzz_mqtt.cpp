/** Hostile bytes into the MQTT client, in pieces of any size. */
#include <string.h>

#include <memory>

#include "jirani/mqtt.h"
#include "mutator.h"

using namespace jirani;

namespace {

struct Line final : Transport {
  bool write(const uint8_t *bytes, size_t length) override {
    // Reads every byte, so that a sanitizer sees what was never written.
    for (size_t at = 0; at < length; at++) sum += bytes[at];
    return length <= packetBytesMax && --left > 0;
  }
  int left = 100;
  unsigned sum = 0;
};

struct Ear final : MqttListener {
  void mqttUp(bool) override {
    client->subscribe("jirani/v1/time", 0);
    speak();
  }
  void mqttDelivered() override { speak(); }
  void mqttMessage(const char *topic, size_t topicLength, const uint8_t *payload, size_t length) override {
    const std::string body(reinterpret_cast<const char *>(payload), length);
    const std::string copy = std::string(topic, topicLength) + body;
    isSound = isSound && copy.size() <= packetBytesMax;
    speak();
  }
  void speak() { client->publish("t", reinterpret_cast<const uint8_t *>("hello"), 5, false, 0); }
  MqttClient *client = nullptr;
  bool isSound = true;
};

const std::vector<std::string> goodPackets{
    std::string("\x20\x02\x00\x00", 4),           std::string("\x20\x02\x01\x00", 4),
    std::string("\x40\x02\x00\x01", 4),           std::string("\x40\x02\x00\x02", 4),
    std::string("\x90\x03\x00\x01\x01", 5),       std::string("\xd0\x00", 2),
    std::string("\x32\x07\x00\x01\x63\x01\x02hi", 9), std::string("\x30\x04\x00\x01\x63x", 6),
    std::string("\x30\x80\x05\x00\x01\x63", 6) + std::string(637, 'x'),
    std::string("\x32\x87\x00\x00\x01\x63\x01\x02hi", 10), std::string("\x30\xff\xff\xff\x7f", 5),
};

bool one(Mutator &mutator) {
  // On the heap to its exact size, so that one byte beyond it is noticed.
  const auto client = std::make_unique<MqttClient>();
  Line line;
  Ear ear;
  ear.client = client.get();
  const MqttOptions options{"m", "m", "secret", "w", "offline", 60};
  for (int life = 0; life < 2; life++) {
    client->connect(line, ear, options, 0);
    std::string stream = mutator.below(4) == 0 ? "" : goodPackets[0];
    for (size_t packets = mutator.below(5); packets > 0; packets--) stream += mutator.next(goodPackets);
    for (size_t at = 0; at < stream.size();) {
      const size_t piece = 1 + mutator.below(stream.size() - at);
      const std::vector<uint8_t> bytes(stream.begin() + static_cast<long>(at),
                                       stream.begin() + static_cast<long>(at + piece));
      client->feed(bytes.data(), bytes.size(), mutator.below(1'000'000));
      client->tick(mutator.below(1'000'000));
      at += piece;
    }
    client->lost();
  }
  return ear.isSound;
}

}  // namespace

int main(int argc, char **argv) { return fuzz(argc, argv, "mqtt", one); }
