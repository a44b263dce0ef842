/** The time of day: SNTP when there is Internet, the hub's word when there is none. */
#pragma once
#include "jirani/meter.h"

namespace jirani {

/** Since the start, from esp_timer. */
uint64_t nowMs();

class DeviceClock final : public ReadingTime {
 public:
  /** After the network stack is there; asks as soon as there is a network. */
  void begin();
  /** Often: takes over what SNTP found. */
  void turn();

  WallTime wallTime() override { return clock_.at(nowMs()); }
  uint32_t uptimeSeconds() override { return static_cast<uint32_t>(nowMs() / 1'000); }
  void hubSays(uint32_t unixSeconds) override { clock_.hear(unixSeconds, nowMs()); }

 private:
  MeterClock clock_;
};

}  // namespace jirani
