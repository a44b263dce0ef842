/** Straightens the ADC: from its 12-bit codes to sixteenths of an ideal code. */
#pragma once

#include <stdint.h>

namespace jirani {

constexpr int adcCodeBits = 12;
constexpr int32_t adcCodeMax = (1 << adcCodeBits) - 1;
/** Sixteenths of a code in one code. */
constexpr int32_t partsPerCode = 16;
constexpr int curveKnots = 65;

/** Straight lines between 65 knots, one every 64 codes; without knots it changes nothing. */
class AdcCurve {
 public:
  /**
   * Takes knots in sixteenths of an ideal code, one for each code 0, 64, .. 4096.
   * Refuses knots that fall or that leave 0..2 x full scale: such a curve was measured wrongly.
   */
  bool setKnots(const int32_t (&knots)[curveKnots]);

  /**
   * Takes what the chip's own calibration says each of those codes means, in millivolts at the pin.
   * `fullScaleMv` is the voltage that an ideal ADC would read as code 4096.
   */
  bool setMillivolts(const uint16_t (&pinMv)[curveKnots], uint16_t fullScaleMv);

  void clear() { isSet_ = false; }
  bool isSet() const { return isSet_; }

  /** In sixteenths of an ideal code; `code` is 0..4095. */
  int32_t straighten(uint16_t code) const {
    if (!isSet_) return code * partsPerCode;
    const int32_t knot = code >> 6;
    const int32_t within = code & 63;
    return knots_[knot] + ((knots_[knot + 1] - knots_[knot]) * within) / 64;
  }

 private:
  int32_t knots_[curveKnots] = {};
  bool isSet_ = false;
};

}  // namespace jirani
