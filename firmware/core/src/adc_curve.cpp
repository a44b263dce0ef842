#include "jirani/adc_curve.h"

namespace jirani {

constexpr int32_t knotMax = 2 * (adcCodeMax + 1) * partsPerCode;

bool AdcCurve::setKnots(const int32_t (&knots)[curveKnots]) {
  for (int knot = 0; knot < curveKnots; knot++) {
    if (knots[knot] < 0 || knots[knot] > knotMax) return false;
    if (knot > 0 && knots[knot] < knots[knot - 1]) return false;
  }
  for (int knot = 0; knot < curveKnots; knot++) knots_[knot] = knots[knot];
  isSet_ = true;
  return true;
}

bool AdcCurve::setMillivolts(const uint16_t (&pinMv)[curveKnots], uint16_t fullScaleMv) {
  if (fullScaleMv == 0) return false;
  int32_t knots[curveKnots];
  for (int knot = 0; knot < curveKnots; knot++)
    knots[knot] = static_cast<int32_t>(int64_t{pinMv[knot]} * (adcCodeMax + 1) * partsPerCode / fullScaleMv);
  return setKnots(knots);
}

}  // namespace jirani
