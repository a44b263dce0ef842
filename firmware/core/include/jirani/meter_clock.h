/** The meter's idea of the time of day, and how far it is to be trusted. */
#pragma once
#include <stdint.h>

#include "jirani/reading.h"

namespace jirani {

/** After so long without synchronisation a crystal has drifted by seconds. */
constexpr uint64_t synchronisedMs = 86'400'000;

struct WallTime {
  /** 0 when the clock was never set. */
  uint32_t unixSeconds;
  TimeQuality quality;
};

class MeterClock {
 public:
  /** From SNTP, or another source that does not lie. */
  void synchronise(uint32_t unixSeconds, uint64_t nowMs) {
    set(unixSeconds, nowMs);
    synchronisedAtMs_ = nowMs;
    wasSynchronised_ = true;
  }
  /** From the hub; counts only while nothing better is known. */
  void hear(uint32_t unixSeconds, uint64_t nowMs) {
    if (at(nowMs).quality < timeSynchronised) set(unixSeconds, nowMs);
  }
  WallTime at(uint64_t nowMs) const {
    if (!isSet_) return {0, timeNeverSet};
    const uint32_t seconds = setTo_ + static_cast<uint32_t>((nowMs - setAtMs_) / 1000);
    const bool isFresh = wasSynchronised_ && nowMs - synchronisedAtMs_ < synchronisedMs;
    return {seconds, isFresh ? timeSynchronised : timeKeptOrFromHub};
  }

 private:
  void set(uint32_t unixSeconds, uint64_t nowMs) {
    setTo_ = unixSeconds;
    setAtMs_ = nowMs;
    isSet_ = true;
  }

  uint32_t setTo_ = 0;
  uint64_t setAtMs_ = 0;
  uint64_t synchronisedAtMs_ = 0;
  bool isSet_ = false;
  bool wasSynchronised_ = false;
};

}  // namespace jirani
