/** The light and the button of a meter: all that a person in front of the box has. */
#pragma once
#include <stdint.h>

namespace jirani {

/** The first that is true is shown. */
enum class Light : uint8_t {
  /** The keeper asked which one it is: half a second on, half a second off. */
  identify,
  /** No measuring: on all the time. */
  fault,
  /** Nobody has told it who it is: four blinks. */
  noConfig,
  /** Quick flicker. */
  setup,
  /** Three blinks. */
  noWifi,
  /** Two blinks. */
  noHub,
  /** One short blink every two seconds. */
  fine,
};

/** Steps of an eighth of a second; the two seconds of a pattern begin with its lowest bit. */
constexpr uint32_t lightStepMs = 125;

inline bool isLit(Light light, uint64_t nowMs) {
  constexpr uint16_t patterns[] = {0x0f0f, 0xffff, 0x0055, 0x5555, 0x0015, 0x0005, 0x0001};
  return (patterns[static_cast<int>(light)] >> (nowMs / lightStepMs % 16) & 1) != 0;
}

enum class Press : uint8_t { none, setup, newStart };

/** A short press opens the setup access point; ten seconds forget Wi-Fi and calibration. */
class SetupButton {
 public:
  static constexpr uint64_t bounceMs = 50;
  static constexpr uint64_t newStartMs = 10'000;

  Press feed(bool isDown, uint64_t nowMs) {
    if (!isDown) {
      const bool isShort = isDown_ && !isTold_ && nowMs - sinceMs_ >= bounceMs;
      isDown_ = isTold_ = false;
      return isShort ? Press::setup : Press::none;
    }
    if (!isDown_) {
      isDown_ = true;
      sinceMs_ = nowMs;
    }
    if (isTold_ || nowMs - sinceMs_ < newStartMs) return Press::none;
    isTold_ = true;
    return Press::newStart;
  }

 private:
  uint64_t sinceMs_ = 0;
  bool isDown_ = false;
  bool isTold_ = false;
};

}  // namespace jirani
