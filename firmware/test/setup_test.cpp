/** What a person does to a meter: scans its label, fills in its page, presses its button, looks at its light. */
#include <doctest/doctest.h>

#include <string>

#include "jirani/config.h"
#include "jirani/front_panel.h"
#include "jirani/setup_form.h"
#include "jirani/setup_label.h"

using namespace jirani;

namespace {

constexpr char claim[] = "0123456789AB";

SetupFault faultOf(const std::string &body, SetupRequest &request) {
  return readSetupForm(body.data(), body.size(), claim, request);
}
SetupFault faultOf(const std::string &body) {
  SetupRequest request{};
  return faultOf(body, request);
}
const std::string mine = "claim=0123-4567-89ab&";

}  // namespace

TEST_CASE("the label of a meter follows from its id and secret alone") {
  uint8_t psk[sha256Bytes];
  pskOf("a_secret_of_the_vectors", psk);
  char code[claimLetters + 1], label[labelBytesMax];
  claimOf(psk, code);
  labelOf("em-7c9ebd112233", code, label);
  // HMAC-SHA256 and base 32 of it by another implementation.
  CHECK(std::string(code) == "EEBJYJVSYR94");
  CHECK(std::string(label) == "WIFI:T:WPA;S:jirani-112233;P:EEBJYJVSYR94;;");
  char network[setupNetworkBytesMax];
  setupNetworkOf("a:b", network);
  CHECK(std::string(network) == "jirani-a-b");
  pskOf("a_secret_of_the_vectorS", psk);
  char other[claimLetters + 1];
  claimOf(psk, other);
  CHECK(std::string(code) != other);
}

TEST_CASE("the setup page takes a Wi-Fi, with whatever letters people give to networks and passwords") {
  SetupRequest request{};
  REQUIRE(faultOf(mine + "wish=wifi&ssid=Mama+Akinyi%27s%20%E2%98%80&password=a%26b%3Dc%2Bd+e", request) == SetupFault::none);
  CHECK(request.wish == SetupWish::wifi);
  CHECK(std::string(request.wifi.ssid) == "Mama Akinyi's \xe2\x98\x80");
  CHECK(std::string(request.wifi.password) == "a&b=c+d e");
  REQUIRE(faultOf(mine + "wish=wifi&ssid=open&password=", request) == SetupFault::none);
  CHECK(std::string(request.wifi.password) == "");
  CHECK(faultOf(mine + "wish=wifi&ssid=" + std::string(ssidMax, 'x')) == SetupFault::none);
  CHECK(faultOf(mine + "wish=wifi&ssid=" + std::string(ssidMax + 1, 'x')) == SetupFault::badValue);
  CHECK(faultOf(mine + "wish=wifi&ssid=x&password=" + std::string(wifiPasswordMin - 1, 'p')) == SetupFault::badValue);
  CHECK(faultOf(mine + "wish=wifi&ssid=x&password=" + std::string(wifiPasswordMax, 'p')) == SetupFault::none);
  CHECK(faultOf(mine + "wish=wifi&ssid=x&password=" + std::string(wifiPasswordMax + 1, 'p')) == SetupFault::badValue);
  CHECK(faultOf(mine + "wish=wifi&ssid=x&password=12345%0a789") == SetupFault::badValue);
  CHECK(faultOf(mine + "wish=wifi&ssid=") == SetupFault::badValue);
  CHECK(faultOf(mine + "wish=wifi") == SetupFault::missing);
}

TEST_CASE("nobody sets a meter up without the code of its label, and a refused form changes nothing") {
  SetupRequest request{};
  request.trueMv = 7;
  for (const char *wrong : {"claim=&", "claim=0123456789AC&", "claim=0123456789A&", "claim=0123456789AB0&", "",
                            "claim=0123456789A%42%42&"}) {
    CHECK(faultOf(wrong + std::string("wish=quiet"), request) == SetupFault::wrongClaim);
    CHECK(request.trueMv == 7);
  }
  CHECK(faultOf(mine + "wish=quiet") == SetupFault::none);
  CHECK(faultOf("wish=cover&claim=0123 4567 89AB") == SetupFault::none);
}

TEST_CASE("the setup page takes what a plug-in meter shows, within what a plug can give") {
  SetupRequest request{};
  REQUIRE(faultOf(mine + "wish=load&volts=231,4&watts=1985.25", request) == SetupFault::none);
  CHECK(request.trueMv == 231'400);
  CHECK(request.trueMw == 1'985'250);
  REQUIRE(faultOf(mine + "wish=load&volts=230&watts=2000", request) == SetupFault::none);
  CHECK(request.trueMv == 230'000);
  for (const char *bad : {"volts=79.999&watts=2000", "volts=300.001&watts=2000", "volts=230&watts=99", "volts=230&watts=20001",
                          "volts=&watts=2000", "volts=23x&watts=2000", "volts=.5&watts=2000", "volts=230.&watts=2000",
                          "volts=230.1234&watts=2000", "volts=2.3.0&watts=2000", "volts=-230&watts=2000",
                          "volts=0000000230&watts=2000", "volts=230&watts=100.0000"})
    CHECK(faultOf(mine + "wish=load&" + bad) == SetupFault::badValue);
  CHECK(faultOf(mine + "wish=load&volts=230") == SetupFault::missing);
}

TEST_CASE("what no browser would post is refused") {
  CHECK(faultOf(mine + "wish=wifi&ssid=a&ssid=b") == SetupFault::repeatedName);
  CHECK(faultOf(mine + "colour=red") == SetupFault::unknownName);
  CHECK(faultOf(mine + "wish") == SetupFault::malformed);
  CHECK(faultOf(mine + "wish=wifi&ssid=%4") == SetupFault::malformed);
  CHECK(faultOf(mine + "wish=wifi&ssid=%zz") == SetupFault::malformed);
  CHECK(faultOf(mine + "wish=wifi&ssid=a%00b") == SetupFault::malformed);
  CHECK(faultOf(mine + "wish=wifi&ssid=" + std::string(97, 'x')) == SetupFault::malformed);
  CHECK(faultOf(mine + "wish=dance") == SetupFault::badValue);
  CHECK(faultOf(mine) == SetupFault::missing);
  CHECK(faultOf(std::string(setupFormBytesMax + 1, '&')) == SetupFault::tooLong);
  for (int fault = 0; fault <= static_cast<int>(SetupFault::wrongClaim); fault++)
    CHECK(std::string(wordsFor(static_cast<SetupFault>(fault))).size() > 4);
}

TEST_CASE("a short press opens the setup, ten seconds begin anew, a bounce does nothing") {
  SetupButton button;
  CHECK(button.feed(true, 1'000) == Press::none);
  CHECK(button.feed(false, 1'049) == Press::none);
  CHECK(button.feed(true, 2'000) == Press::none);
  CHECK(button.feed(true, 2'200) == Press::none);
  CHECK(button.feed(false, 2'300) == Press::setup);
  CHECK(button.feed(false, 2'400) == Press::none);
  CHECK(button.feed(true, 3'000) == Press::none);
  CHECK(button.feed(true, 12'999) == Press::none);
  CHECK(button.feed(true, 13'000) == Press::newStart);
  CHECK(button.feed(true, 60'000) == Press::none);
  CHECK(button.feed(false, 60'100) == Press::none);
}

TEST_CASE("the light tells its states apart: how often it goes on in two seconds, and for how long") {
  const auto seen = [](Light light) {
    std::string steps;
    for (uint64_t ms = 0; ms < 2'000; ms += lightStepMs) steps += isLit(light, 10'000 + ms) ? '#' : '.';
    return steps;
  };
  CHECK(seen(Light::fine) == "#...............");
  CHECK(seen(Light::noHub) == "#.#.............");
  CHECK(seen(Light::noWifi) == "#.#.#...........");
  CHECK(seen(Light::noConfig) == "#.#.#.#.........");
  CHECK(seen(Light::setup) == "#.#.#.#.#.#.#.#.");
  CHECK(seen(Light::identify) == "####....####....");
  CHECK(seen(Light::fault) == "################");
}
