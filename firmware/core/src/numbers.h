/**
 * The little mathematics of metering, made of additions, multiplications and divisions only: every processor
 * gives the same bits, which no two libraries' `sin` promise.
 */
#pragma once

#include <stdint.h>

namespace jirani {

constexpr double pi = 3.14159265358979323846;

/** To the nearest whole, halves away from zero; for |x| below 2^62. */
inline int64_t nearest(double x) {
  return static_cast<int64_t>(x < 0 ? x - 0.5 : x + 0.5);
}

/** Sine of an angle within a quarter turn, in radians; 12 digits. */
inline double sineOf(double x) {
  const double square = x * x;
  double sum = 0;
  for (int power = 15; power >= 3; power -= 2) sum = (1 - sum) * square / (power * (power - 1));
  return x * (1 - sum);
}

/** Arc tangent for |x| up to 0.4; 8 digits. */
inline double smallArcTangent(double x) {
  const double square = x * x;
  double sum = 0;
  for (int power = 17; power >= 1; power -= 2) sum = 1.0 / power - square * sum;
  return x * sum;
}

}  // namespace jirani
