/** A browser at the other end of a USB cable. */
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "jirani/captive_dns.h"
#include "jirani/improv.h"

using namespace jirani;

namespace {

using Bytes = std::vector<uint8_t>;

Bytes frameOf(uint8_t type, const Bytes &data) {
  Bytes frame{'I', 'M', 'P', 'R', 'O', 'V', 1, type, static_cast<uint8_t>(data.size())};
  frame.insert(frame.end(), data.begin(), data.end());
  uint8_t sum = 0;
  for (const uint8_t byte : frame) sum = static_cast<uint8_t>(sum + byte);
  frame.push_back(sum);
  return frame;
}

int framesIn(const Bytes &line, ImprovReader &reader) {
  int frames = 0;
  for (const uint8_t byte : line) frames += reader.feed(byte) ? 1 : 0;
  return frames;
}

ImprovCommand commandOf(const Bytes &data, WifiCredentials &wifi) {
  return readImprovCall(data.data(), data.size(), wifi);
}

}  // namespace

TEST_CASE("a frame is found among log lines, half frames and noise") {
  ImprovReader reader;
  Bytes line;
  for (const char letter : std::string("I (312) wifi: IMPRO IIMPROV")) line.push_back(static_cast<uint8_t>(letter));
  line.insert(line.end(), {2, 0xff});
  const Bytes frame = frameOf(3, {2, 0});
  line.insert(line.end(), frame.begin(), frame.end());
  line.push_back('\n');
  line.insert(line.end(), frame.begin(), frame.end());
  CHECK(framesIn(line, reader) == 2);
  CHECK(reader.type() == ImprovType::call);
  CHECK(reader.length() == 2);
  CHECK(reader.bytes()[0] == 2);
  Bytes wrong = frame;
  wrong.back()++;
  CHECK(framesIn(wrong, reader) == 0);
  CHECK(framesIn(frameOf(3, Bytes(improvDataMax, 0x49)), reader) == 1);
}

TEST_CASE("the example of the protocol's page: network MyWirelessAP, password mysecurepassword") {
  // improv-wifi.com/serial, "Send Wi-Fi settings": command, length, then both texts with their lengths.
  Bytes data{1, 30, 12};
  for (const char letter : std::string("MyWirelessAP")) data.push_back(static_cast<uint8_t>(letter));
  data.push_back(16);
  for (const char letter : std::string("mysecurepassword")) data.push_back(static_cast<uint8_t>(letter));
  WifiCredentials wifi{};
  REQUIRE(commandOf(data, wifi) == ImprovCommand::wifi);
  CHECK(std::string(wifi.ssid) == "MyWirelessAP");
  CHECK(std::string(wifi.password) == "mysecurepassword");
  for (size_t cut = 0; cut < data.size(); cut++)
    CHECK(commandOf(Bytes(data.begin(), data.begin() + static_cast<long>(cut)), wifi) == ImprovCommand::malformed);
  CHECK(commandOf({1, 4, 2, 'a', 'b', 0}, wifi) == ImprovCommand::wifi);
  CHECK(commandOf({1, 5, 2, 'a', 'b', 0, 'x'}, wifi) == ImprovCommand::malformed);
  CHECK(commandOf({1, 3, 2, 'a', 'b'}, wifi) == ImprovCommand::malformed);
  data[2] = 200;
  CHECK(commandOf(data, wifi) == ImprovCommand::malformed);
}

TEST_CASE("other calls are known by their number, and strangers are told so") {
  WifiCredentials wifi{};
  CHECK(commandOf({2, 0}, wifi) == ImprovCommand::state);
  CHECK(commandOf({3, 0}, wifi) == ImprovCommand::about);
  CHECK(commandOf({4, 0}, wifi) == ImprovCommand::networks);
  CHECK(commandOf({5, 0}, wifi) == ImprovCommand::unknown);
  CHECK(commandOf({0, 0}, wifi) == ImprovCommand::unknown);
  CHECK(commandOf({2, 1}, wifi) == ImprovCommand::malformed);
  CHECK(commandOf({1, 2, 0, 0}, wifi) == ImprovCommand::malformed);
}

TEST_CASE("what a meter says back is a frame again") {
  uint8_t frame[improvFrameMax];
  const char *texts[] = {"jirani-meter", "1.0", "ESP32-C3", "em-1"};
  const size_t length = improvResult(ImprovCommand::about, texts, 4, frame, sizeof frame);
  REQUIRE(length == 9 + 2 + (1 + 12) + (1 + 3) + (1 + 8) + (1 + 4) + 2);
  ImprovReader reader;
  CHECK(framesIn(Bytes(frame, frame + length), reader) == 1);
  CHECK(reader.type() == ImprovType::result);
  CHECK(reader.bytes()[0] == 3);
  CHECK(reader.bytes()[1] == length - 9 - 2 - 2);
  const std::string tooLong(250, 'x');
  const char *many[] = {tooLong.c_str(), "1234"};
  CHECK(improvResult(ImprovCommand::about, many, 2, frame, sizeof frame) == 0);
  const uint8_t state[] = {2};
  CHECK(improvFrame(ImprovType::state, state, 1, frame, 11) == 0);
  CHECK(improvFrame(ImprovType::state, state, 1, frame, 12) == 12);
}

TEST_CASE("a phone that asks for any name is sent to the meter's page") {
  const uint8_t address[] = {192, 168, 4, 1};
  uint8_t answer[dnsBytesMax];
  Bytes query{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'a', 'b', 'c', 2, 'k', 'e', 0, 0, 1, 0, 1};
  size_t length = answerDns(query.data(), query.size(), address, answer);
  REQUIRE(length == query.size() + 16);
  CHECK(answer[0] == 0x12);
  CHECK(answer[2] == 0x85);
  CHECK(answer[7] == 1);
  CHECK(answer[length - 4] == 192);
  CHECK(answer[length - 1] == 1);
  // For an IPv6 address there is nothing, so that the phone asks for the other one.
  query[21] = 28;
  CHECK(answerDns(query.data(), query.size(), address, answer) == query.size());
  CHECK(answer[7] == 0);
  query[2] = 0x81;
  CHECK(answerDns(query.data(), query.size(), address, answer) == 0);
  query[2] = 1;
  for (size_t cut = 0; cut < query.size(); cut++) CHECK(answerDns(query.data(), cut, address, answer) == 0);
  query[12] = 0xc0;
  CHECK(answerDns(query.data(), query.size(), address, answer) == 0);
  Bytes longName(query.begin(), query.begin() + 12);
  longName.push_back(64);
  longName.insert(longName.end(), 64, 'a');
  longName.insert(longName.end(), {0, 0, 1, 0, 1});
  CHECK(answerDns(longName.data(), longName.size(), address, answer) == 0);
  longName[12] = 63;
  longName.erase(longName.begin() + 13);
  CHECK(answerDns(longName.data(), longName.size(), address, answer) == longName.size() + 16);
}
