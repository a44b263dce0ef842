/** What comes over the air and the cable while a meter is set up: forms, DNS, Improv, images, kept bytes. */
#include <string.h>

#include "jirani/captive_dns.h"
#include "jirani/image_trial.h"
#include "jirani/improv.h"
#include "jirani/kept.h"
#include "mutator.h"

using namespace jirani;

namespace {

const std::vector<std::string> good{
    "claim=0123456789AB&wish=wifi&ssid=Mama+Akinyi%27s&password=a%26b%3Dc%2Bd",
    "claim=0123-4567-89ab&wish=load&volts=231.4&watts=1985.25",
    std::string("IMPROV\x01\x03\x0c\x01\x0a\x01s\x08password\x5e", 22),
    std::string("\x12\x34\x01\0\0\x01\0\0\0\0\0\0\3abc\2ke\0\0\x01\0\x01", 24),
    "claim=", "&", "%41", "IMPROV",
};

bool one(Mutator &mutator) {
  const std::string text = mutator.next(good);
  const std::vector<uint8_t> exact(text.begin(), text.end());
  SetupRequest request{};
  readSetupForm(reinterpret_cast<const char *>(exact.data()), exact.size(), "0123456789AB", request);
  ImprovReader reader;
  WifiCredentials wifi{};
  for (const uint8_t byte : exact)
    if (reader.feed(byte)) readImprovCall(reader.bytes(), reader.length(), wifi);
  readImprovCall(exact.data(), exact.size(), wifi);
  const uint8_t address[] = {192, 168, 4, 1};
  uint8_t answer[dnsBytesMax];
  const size_t answered = answerDns(exact.data(), exact.size(), address, answer);
  ImageHead head;
  readImageHead(exact.data(), exact.size(), head);
  Calibration calibration;
  unpackCalibration(exact.data(), exact.size(), calibration);
  return answered <= dnsBytesMax && handoverLength(exact.data(), exact.size()) <= exact.size() &&
         strnlen(request.wifi.ssid, sizeof request.wifi.ssid) <= ssidMax &&
         strnlen(wifi.password, sizeof wifi.password) <= wifiPasswordMax;
}

}  // namespace

int main(int argc, char **argv) { return fuzz(argc, argv, "setup", one); }
