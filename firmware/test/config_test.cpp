#include <doctest/doctest.h>

#include <string>

#include "jirani/config.h"

using namespace jirani;

namespace {

const std::string good =
    "jirani-meter=1\nid=em-7c9ebd112233\nsecret=0123456789abcdef0123456789abcdef\nhub=mqtts://192.168.1.10:8883\n";

ConfigFault faultOf(const std::string &text) {
  MeterConfig config;
  return readConfig(text.data(), text.size(), config);
}

}  // namespace

TEST_CASE("a meter is told who it is, its secret and its hub; the rest is usual") {
  MeterConfig config;
  REQUIRE(readConfig(good.data(), good.size(), config) == ConfigFault::none);
  CHECK(std::string(config.id) == "em-7c9ebd112233");
  CHECK(std::string(config.secret) == "0123456789abcdef0123456789abcdef");
  CHECK(std::string(config.hubHost) == "192.168.1.10");
  CHECK(config.hubPort == 8883);
  CHECK(config.isTls);
  CHECK(config.readingSeconds == 10);
  CHECK(config.keepAliveSeconds == 60);
  CHECK(config.sequenceFloor == 0);
}

TEST_CASE("everything may be told, with the line ends of another system") {
  MeterConfig config;
  const std::string text =
      "jirani-meter=1\r\nfloor=123456\r\nreading_s=900\r\nkeepalive_s=30\r\nhub=mqtt://hub.local:1883\r\n\r\n"
      "secret=every-visible=character!~\r\nid=m\r\n";
  REQUIRE(readConfig(text.data(), text.size(), config) == ConfigFault::none);
  CHECK(config.sequenceFloor == 123'456);
  CHECK(config.readingSeconds == 900);
  CHECK(config.keepAliveSeconds == 30);
  CHECK_FALSE(config.isTls);
  CHECK(std::string(config.secret) == "every-visible=character!~");
}

TEST_CASE("what is wrong is refused as a whole, and says what it is") {
  CHECK(faultOf("") == ConfigFault::missing);
  CHECK(faultOf("id=m\n") == ConfigFault::malformedLine);
  CHECK(faultOf(good + "colour=red\n") == ConfigFault::unknownName);
  CHECK(faultOf(good + "id=em-2\n") == ConfigFault::repeatedName);
  CHECK(faultOf(good + "no equals sign\n") == ConfigFault::malformedLine);
  CHECK(faultOf(good + "reading_s=0\n") == ConfigFault::badValue);
  CHECK(faultOf(good + "reading_s=901\n") == ConfigFault::badValue);
  CHECK(faultOf(good + "floor=-1\n") == ConfigFault::badValue);
  CHECK(faultOf(good + "floor=01\n") == ConfigFault::badValue);
  CHECK(faultOf(good + std::string(configBytesMax, '\n')) == ConfigFault::tooLong);
  const std::string head = "jirani-meter=1\n";
  CHECK(faultOf(head + "id=a/b\n") == ConfigFault::badValue);
  CHECK(faultOf(head + "id=" + std::string(meterIdMax + 1, 'x') + "\n") == ConfigFault::badValue);
  CHECK(faultOf(head + "secret=short\n") == ConfigFault::badValue);
  CHECK(faultOf(head + "hub=http://x:1\n") == ConfigFault::badValue);
  CHECK(faultOf(head + "hub=mqtts://x\n") == ConfigFault::badValue);
  CHECK(faultOf(head + "hub=mqtts://:8883\n") == ConfigFault::badValue);
  CHECK(faultOf(head + "hub=mqtts://x:65536\n") == ConfigFault::badValue);
  CHECK(faultOf(head + "id=m\nhub=mqtts://x:1\n") == ConfigFault::missing);
}
