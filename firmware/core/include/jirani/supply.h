/**
 * Whether the household has power. Fail-safe: whatever takes it away is a lease that ends by itself, and a start
 * begins with power. So no hub, network or power cut leaves a house in the dark for longer than was asked.
 */
#pragma once
#include <stdint.h>

namespace jirani {

/** A kettle may start a motor: so long may the limit be passed. */
constexpr uint32_t overLimitMsMax = 10'000;
/** How long the relay stays open after the limit was passed. */
constexpr uint32_t overLimitRestMs = 60'000;

class Supply {
 public:
  void switchOff(uint64_t untilMs) { offUntilMs_ = untilMs; }
  void switchOn() { offUntilMs_ = 0; }
  void limit(uint32_t watts, uint64_t untilMs);
  void measured(int32_t powerMw, uint64_t nowMs);
  /** What the relay has to be at this moment. */
  bool isOn(uint64_t nowMs) const { return nowMs >= offUntilMs_ && nowMs >= restUntilMs_; }
  bool isLimited(uint64_t nowMs) const { return nowMs < limitUntilMs_; }
  uint32_t limitWatts() const { return limitWatts_; }

 private:
  uint64_t offUntilMs_ = 0;
  uint64_t restUntilMs_ = 0;
  uint64_t limitUntilMs_ = 0;
  uint64_t overSinceMs_ = 0;
  uint32_t limitWatts_ = 0;
  bool isOver_ = false;
};

}  // namespace jirani
