/** Whole numbers in little-endian bytes, whatever the processor's own order. */
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace jirani {

template <typename Whole>
void putLittle(uint8_t *&at, Whole value) {
  for (size_t byte = 0; byte < sizeof value; byte++)
    *at++ = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * byte));
}

template <typename Whole>
Whole takeLittle(const uint8_t *&at) {
  uint64_t value = 0;
  for (size_t byte = 0; byte < sizeof(Whole); byte++) value |= uint64_t{*at++} << (8 * byte);
  return static_cast<Whole>(value);
}

}  // namespace jirani
