/** Configurations that are nearly right. */
#include <string.h>

#include "jirani/config.h"
#include "jirani/text.h"
#include "mutator.h"

using namespace jirani;

namespace {

const std::vector<std::string> good{
    "jirani-meter=1\nid=em-7c9ebd112233\nsecret=0123456789abcdef0123456789abcdef\nhub=mqtts://192.168.1.10:8883\n",
    "jirani-meter=1\r\nfloor=123456\r\nreading_s=900\r\nkeepalive_s=30\r\nhub=mqtt://hub.local:1883\r\n\r\n"
    "secret=every-visible=character!~\r\nid=m\r\n",
    "id=", "secret=", "hub=mqtts://", "floor=999999999999999\n", "reading_s=10\n", "keepalive_s=60\n",
};

bool one(Mutator &mutator) {
  const std::string text = mutator.next(good);
  const std::vector<char> exact(text.begin(), text.end());
  MeterConfig config;
  memset(&config, 0x55, sizeof config);
  const MeterConfig untouched = config;
  if (readConfig(exact.data(), exact.size(), config) != ConfigFault::none)
    return memcmp(&config, &untouched, sizeof config) == 0;
  return isPlainName(config.id, strnlen(config.id, sizeof config.id), meterIdMax) && config.hubPort > 0 &&
         strnlen(config.secret, sizeof config.secret) <= secretMax && config.readingSeconds <= readingSecondsMax &&
         config.keepAliveSeconds > 0;
}

}  // namespace

int main(int argc, char **argv) { return fuzz(argc, argv, "config", one); }
