/** A new firmware comes in, and proves itself or goes. */
#include <doctest/doctest.h>

#include <string.h>

#include <string>
#include <vector>

#include "jirani/image_trial.h"

using namespace jirani;

namespace {

std::vector<uint8_t> anImage(const char *project = "jirani-meter") {
  std::vector<uint8_t> bytes(imageHeadBytes, 0);
  bytes[0] = 0xe9;
  bytes[12] = 5;
  const uint8_t magic[] = {0x32, 0x54, 0xcd, 0xab, 2, 0, 0, 0};
  memcpy(&bytes[32], magic, sizeof magic);
  memcpy(&bytes[48], "1.2.3", 5);
  memcpy(&bytes[80], project, strlen(project));
  return bytes;
}

}  // namespace

TEST_CASE("14: a new firmware stays only after Wi-Fi, hub and the first PUBACK, and else rolls back") {
  ImageTrial trial;
  trial.begin(true, 1'000);
  CHECK(trial.judge({false, false, 0}, 1'000) == TrialVerdict::wait);
  CHECK(trial.judge({true, false, 0}, 2'000) == TrialVerdict::wait);
  CHECK(trial.judge({true, true, 0}, 3'000) == TrialVerdict::wait);
  CHECK(trial.judge({false, false, 1}, 4'000) == TrialVerdict::wait);
  CHECK(trial.judge({true, true, 0}, 1'000 + trialMsMax - 1) == TrialVerdict::wait);
  SUBCASE("without a PUBACK") {
    CHECK(trial.judge({true, true, 0}, 1'000 + trialMsMax) == TrialVerdict::rollBack);
    CHECK(trial.judge({true, true, 1}, 1'000 + trialMsMax) == TrialVerdict::none);
  }
  SUBCASE("with one") {
    CHECK(trial.judge({true, true, 1}, 1'000 + trialMsMax) == TrialVerdict::keep);
    CHECK_FALSE(trial.isOnTrial());
    CHECK(trial.judge({false, false, 0}, 9'000'000) == TrialVerdict::none);
  }
}

TEST_CASE("a firmware that was kept before is not tried again") {
  ImageTrial trial;
  trial.begin(false, 0);
  CHECK(trial.judge({false, false, 0}, 10 * trialMsMax) == TrialVerdict::none);
}

TEST_CASE("only an image of this meter, for this chip and not older, may come in") {
  std::vector<uint8_t> bytes = anImage();
  ImageHead running, offered;
  REQUIRE(readImageHead(bytes.data(), bytes.size(), running));
  CHECK(running.chip == 5);
  CHECK(running.secureVersion == 2);
  CHECK(std::string(running.version) == "1.2.3");
  CHECK(judgeImage(running, running, 1'000, 1'000) == ImageRefusal::none);
  CHECK(judgeImage(running, running, 1'001, 1'000) == ImageRefusal::tooLarge);
  offered = running;
  offered.secureVersion = 1;
  CHECK(judgeImage(running, offered, 1, 2) == ImageRefusal::older);
  offered.secureVersion = 3;
  CHECK(judgeImage(running, offered, 1, 2) == ImageRefusal::none);
  offered.chip = 9;
  CHECK(judgeImage(running, offered, 1, 2) == ImageRefusal::otherChip);
  bytes = anImage("jirani-meter2");
  REQUIRE(readImageHead(bytes.data(), bytes.size(), offered));
  CHECK(judgeImage(running, offered, 1, 2) == ImageRefusal::otherProject);
  // A name that fills its place has no 0 behind it.
  bytes = anImage("12345678901234567890123456789012");
  REQUIRE(readImageHead(bytes.data(), bytes.size(), offered));
  CHECK(std::string(offered.project).size() == 32);
  CHECK_FALSE(readImageHead(bytes.data(), imageHeadBytes - 1, offered));
  bytes[0] = 0xea;
  CHECK_FALSE(readImageHead(bytes.data(), bytes.size(), offered));
}
