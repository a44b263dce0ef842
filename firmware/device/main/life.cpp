#include "life.h"

#include "esp_log.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "image_update.h"
#include "wifi.h"

namespace jirani {
namespace {

constexpr char tag[] = "life";
/** How long the setup stays open after a press. */
constexpr uint64_t setupMs = 900'000;
/** Whoever set the network is told after so long that joining did not work. */
constexpr uint64_t joiningMs = 30'000;
constexpr size_t readBytes = 1'024;
/** A phone reads the last answer before the meter goes. */
constexpr uint32_t farewellMs = 1'500;

const char *wordsFor(CalibrationOutcome outcome) {
  switch (outcome) {
    case CalibrationOutcome::done: return "Calibrated. Compare it with something else now.";
    case CalibrationOutcome::needsMoreTime: return "Measuring…";
    case CalibrationOutcome::clipped: return "Not calibrated: more than the meter can see.";
    case CalibrationOutcome::unsteady: return "Not calibrated: the power moved. Take a kettle or an iron.";
    case CalibrationOutcome::tooLittleLoad: return "Not calibrated: too little load.";
    case CalibrationOutcome::wrongPhase: return "Not calibrated: turn the clamp round, or it is on another line.";
    case CalibrationOutcome::implausible: return "Not calibrated: no clamp has such values. Look at the numbers.";
  }
  return "";
}

}  // namespace

Life::Life(const LifeParts &parts) : p_(parts) {
  uint8_t psk[sha256Bytes];
  pskOf(parts.config.secret, psk);
  claimOf(psk, claim_);
}

void Life::begin() {
  trial_.begin(isImageOnTrial(), nowMs());
  // Before that nothing has been measured.
  readingDueMs_ = nowMs() + uint64_t{p_.config.readingSeconds} * 1'000;
  improv_.begin();
  WifiCredentials wifi;
  hasWifi_ = p_.store.loadWifi(wifi);
#ifdef SAMPLER_ONESHOT
  // The open network of the simulator.
  if (!hasWifi_) hasWifi_ = readWifi("Wokwi-GUEST", 11, "", 0, wifi);
#endif
  if (hasWifi_) wifiJoin(wifi);
  else openSetup();
  esp_task_wdt_add(nullptr);
}

void Life::turn() {
  esp_task_wdt_reset();
  people();
  improv();
  p_.clock.turn();
  talk();
  measure();
  calibrate();
  judgeImage();
  p_.panel.show(light(), nowMs());
}

void Life::people() {
  const Press press = p_.panel.button(nowMs());
  if (press == Press::setup) setupUntilMs_ == 0 ? openSetup() : closeSetup();
  if (press == Press::newStart) newStart();
  if (p_.panel.coverCameOff()) {
    Guard guard(p_.lock);
    p_.metering.coverOpened();
  }
  if (setupUntilMs_ == 0) return;
  captive_.turn();
  SetupRequest request;
  while (SetupPage::takeRequest(request)) carryOut(request);
  if (SetupPage::wantsRestart()) restart();
  // A meter that knows no network stays open, else it could only be reached by its button again.
  if (hasWifi_ && nowMs() >= setupUntilMs_) closeSetup();
}

void Life::openSetup() {
  char network[setupNetworkBytesMax];
  setupNetworkOf(p_.config.id, network);
  // A phone asks as soon as it has joined.
  if (!page_.open(claim_)) ESP_LOGE(tag, "the setup page could not be opened");
  setupNetworkOpen(network, claim_);
  captive_.open();
  setupUntilMs_ = nowMs() + setupMs;
}

void Life::closeSetup() {
  page_.close();
  captive_.close();
  setupNetworkClose();
  setupUntilMs_ = 0;
}

void Life::carryOut(const SetupRequest &request) {
  Guard guard(p_.lock);
  switch (request.wish) {
    case SetupWish::wifi: return join(request.wifi);
    case SetupWish::coverSeen: return p_.metering.clearTamper();
    case SetupWish::quiet:
      p_.source.beginQuiet();
      return SetupPage::say("Listening to the quiet. Give it a minute.");
    case SetupWish::load:
      p_.source.beginLoad(request.trueMv, request.trueMw);
      return SetupPage::say(wordsFor(CalibrationOutcome::needsMoreTime));
  }
}

void Life::join(const WifiCredentials &wifi) {
  if (!p_.store.keepWifi(wifi)) ESP_LOGE(tag, "the network could not be kept");
  hasWifi_ = true;
  joiningUntilMs_ = nowMs() + joiningMs;
  SetupPage::say("Joining the network…");
  wifiJoin(wifi);
}

ImprovFacts Life::improvFacts() const {
  return {!hasWifi_ || setupUntilMs_ != 0, isWifiUp(), p_.firmware, p_.config.id};
}

void Life::improv() {
  WifiCredentials wifi;
  if (improv_.turn(improvFacts(), wifi)) join(wifi);
  if (joiningUntilMs_ == 0 || (!isWifiUp() && nowMs() < joiningUntilMs_)) return;
  joiningUntilMs_ = 0;
  if (isWifiUp()) {
    improv_.joined(improvFacts());
    return SetupPage::say("The meter is in the network of the house.");
  }
  improv_.couldNotJoin();
  SetupPage::say("The network could not be joined. Look at its name and password.");
}

void Life::calibrate() {
  Guard guard(p_.lock);
  const CalibrationOutcome outcome =
      p_.source.calibrateOn(p_.store, p_.metering, p_.clock.wallTime().unixSeconds);
  if (outcome != CalibrationOutcome::needsMoreTime) SetupPage::say(wordsFor(outcome));
}

/** Dialling, with its hundreds of milliseconds of arithmetic, is outside of the lock. */
void Life::talk() {
  if (p_.link.isDialled() && !p_.link.isOpen()) {
    const Opening opening = p_.link.open(nowMs());
    if (opening == Opening::failed) return hangUp();
    if (opening == Opening::open) {
      Guard guard(p_.lock);
      p_.meter.opened(nowMs());
    }
  } else if (p_.link.isOpen()) {
    hear();
  }
  bool mustHangUp;
  {
    Guard guard(p_.lock);
    p_.meter.tick(nowMs());
    mustHangUp = p_.meter.mustHangUp();
    if (!p_.link.isDialled() && isWifiUp() && p_.meter.wantsToDial(nowMs()) && !p_.link.dial(nowMs())) mustHangUp = true;
  }
  if (mustHangUp || (p_.link.isOpen() && !p_.link.drain())) hangUp();
}

void Life::hear() {
  uint8_t bytes[readBytes];
  const int got = p_.link.read(bytes, sizeof bytes);
  if (got < 0) return hangUp();
  if (got == 0) return;
  Guard guard(p_.lock);
  p_.meter.feed(bytes, static_cast<size_t>(got), nowMs());
}

void Life::hangUp() {
  p_.link.close();
  Guard guard(p_.lock);
  p_.meter.lost(nowMs());
}

void Life::measure() {
  if (nowMs() < readingDueMs_) return;
  const uint64_t everyMs = uint64_t{p_.config.readingSeconds} * 1'000;
  // Due times do not creep with the length of a turn; after a long one the missed ones are left out.
  readingDueMs_ = readingDueMs_ + everyMs > nowMs() ? readingDueMs_ + everyMs : nowMs() + everyMs;
  Guard guard(p_.lock);
  if (!p_.meter.takeReading(nowMs())) ESP_LOGE(tag, "the log did not take a reading");
}

void Life::judgeImage() {
  TrialVerdict verdict;
  {
    Guard guard(p_.lock);
    verdict = trial_.judge({isWifiUp(), p_.meter.isUp(), p_.meter.delivered()}, nowMs());
  }
  if (verdict == TrialVerdict::keep) keepImage();
  if (verdict == TrialVerdict::rollBack) {
    ESP_LOGE(tag, "this firmware brought no reading to the hub: the old one comes back");
    Guard guard(p_.lock);
    p_.meter.takeReading(nowMs());
    rollImageBack();
  }
}

Light Life::light() const {
  Guard guard(p_.lock);
  if ((p_.metering.last().flags & flagFault) != 0) return Light::fault;
  if (setupUntilMs_ != 0) return Light::setup;
  if (!isWifiUp()) return Light::noWifi;
  return p_.meter.isUp() ? Light::fine : Light::noHub;
}

void Life::restart() {
  {
    Guard guard(p_.lock);
    p_.meter.takeReading(nowMs());
  }
  vTaskDelay(pdMS_TO_TICKS(farewellMs));
  esp_restart();
}

void Life::newStart() {
  p_.store.forget();
  restart();
}

}  // namespace jirani
