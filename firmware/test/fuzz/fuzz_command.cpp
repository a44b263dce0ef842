/** Commands that are nearly right, some under a good MAC, so that the parser behind it is reached. */
#include <string.h>

#include "jirani/command.h"
#include "jirani/text.h"
#include "mutator.h"

using namespace jirani;

namespace {

const uint8_t key[sha256Bytes] = {1, 2, 3};
const char prefix[] = "jirani/v1/meters/m/cmd/";

const std::vector<std::string> goodBodies{
    R"({"id":"c-1","exp":1795431506,"args":{"watts":2000,"for_s":3600})",
    R"({"id":"c-2","exp":1795431506,"args":{"on":false,"for_s":600})",
    R"({"id":"c-3","exp":1795431506,"args":{"on":true})",
    R"({"id":"c-4","exp":1795431506,"args":{"u_ppm":-1200,"i_ppm":350,"lag_ns":-20000})",
    R"({"id":"c-5","exp":1795431506,"args":{})",
};
const std::vector<std::string> goodNames{"limit", "relay", "identify", "calibrate", "dance"};
const std::vector<std::string> goodTimes{R"({"v":1,"t":1795431446,"tq":2})", R"({"v":1,"t":0,"tq":0})"};

std::string macOf(const std::string &topic, const std::string &body) {
  const std::string message = topic + "\n" + body;
  uint8_t mac[sha256Bytes];
  hmacSha256(key, sizeof key, message.data(), message.size(), mac);
  char text[64];
  TextWriter out(text, sizeof text);
  out.base64(mac, sizeof mac);
  return std::string(text, out.length());
}

/** A copy on the heap to the exact byte. */
CommandReading read(const std::string &topic, const std::string &payload, Command &command) {
  const std::vector<char> exactTopic(topic.begin(), topic.end()), exact(payload.begin(), payload.end());
  return readCommand(exactTopic.data(), exactTopic.size(), prefix, exact.data(), exact.size(), key, command);
}

bool one(Mutator &mutator) {
  const std::string name = mutator.below(3) == 0 ? mutator.next(goodNames) : goodNames[mutator.below(goodNames.size())];
  const std::string topic = prefix + name;
  const std::string body = mutator.next(goodBodies);
  const std::string payload = body + ",\"mac\":\"" + macOf(topic, body) + "\"}";
  Command command;
  const CommandReading reading = read(topic, payload, command);
  bool isSound = strnlen(command.id, sizeof command.id) <= commandIdMax && command.leaseSeconds <= leaseSecondsMax;
  if (reading == CommandReading::good) isSound = isSound && isPlainName(command.id, strlen(command.id), commandIdMax);
  // Nothing passes whose bytes are not exactly those under the MAC.
  const std::string damaged = mutator.next({payload});
  if (damaged != payload && read(topic, damaged, command) != CommandReading::forged) isSound = false;
  uint32_t seconds = 0;
  const std::string time = mutator.next(goodTimes);
  const std::vector<char> exactTime(time.begin(), time.end());
  readHubTime(exactTime.data(), exactTime.size(), seconds);
  CommandMemory memory;
  const std::vector<uint8_t> kept(mutator.below(64), static_cast<uint8_t>(mutator.below(256)));
  restoreCommand(kept.data(), kept.size(), memory);
  return isSound;
}

}  // namespace

int main(int argc, char **argv) { return fuzz(argc, argv, "command", one); }
