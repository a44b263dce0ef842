/** NOR flash in memory whose power can be cut at any byte. For tests only. */
#pragma once
#include <stdint.h>
#include <string.h>

#include <vector>

#include "jirani/flash_log.h"

namespace jirani {

class SimFlash final : public Flash {
 public:
  explicit SimFlash(uint32_t sectors) : bytes_(sectors * sectorBytes, 0xff), erases(sectors, 0) {}

  bool read(uint32_t at, void *bytes, size_t length) override {
    if (at + length > bytes_.size()) return false;
    memcpy(bytes, &bytes_[at], length);
    return true;
  }
  bool write(uint32_t at, const void *bytes, size_t length) override {
    for (size_t k = 0; k < length; k++) {
      const uint8_t byte = static_cast<const uint8_t *>(bytes)[k];
      if (!spend()) {
        // The byte that the power left half-way.
        bytes_[at + k] &= static_cast<uint8_t>(byte | 0x0f);
        return false;
      }
      bytes_[at + k] &= byte;
    }
    return true;
  }
  bool erase(uint32_t sector) override {
    erases[sector]++;
    for (uint32_t k = 0; k < sectorBytes; k++) {
      if (!spend()) return false;
      bytes_[sector * sectorBytes + k] = 0xff;
    }
    return true;
  }
  uint32_t sectors() const override { return static_cast<uint32_t>(erases.size()); }

  /** The power fails before this many more bytes have changed. */
  void cutAfter(uint64_t bytes) {
    left_ = bytes;
    isCutting_ = true;
  }
  void powerBack() { isCutting_ = false; }
  void wipe() { std::fill(bytes_.begin(), bytes_.end(), 0xff); }
  /** Bytes that were written or erased so far. */
  uint64_t stream = 0;

 private:
  std::vector<uint8_t> bytes_;

 public:
  std::vector<uint32_t> erases;

 private:
  bool spend() {
    if (isCutting_ && left_ == 0) return false;
    if (isCutting_) left_--;
    stream++;
    return true;
  }
  uint64_t left_ = 0;
  bool isCutting_ = false;
};

}  // namespace jirani
