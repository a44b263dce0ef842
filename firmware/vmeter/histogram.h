/** How long PUBACKs took: buckets of 1/16 of their size, so that a percentile is right to 6 %. */
#pragma once
#include <stdint.h>

namespace vmeter {

class Histogram {
 public:
  void add(uint64_t us) {
    buckets_[bucketOf(us)]++;
    count_++;
    if (us > most_) most_ = us;
  }
  uint64_t count() const { return count_; }
  uint64_t most() const { return most_; }
  /** The upper end of the bucket in which this part of all lies. */
  uint64_t percentile(double part) const {
    const uint64_t wanted = static_cast<uint64_t>(part * static_cast<double>(count_));
    uint64_t seen = 0;
    for (uint32_t bucket = 0; bucket < bucketsMax; bucket++) {
      seen += buckets_[bucket];
      if (seen > wanted) return endOf(bucket) < most_ ? endOf(bucket) : most_;
    }
    return most_;
  }

 private:
  static constexpr uint32_t parts = 16;
  static constexpr uint32_t bucketsMax = 61 * parts;

  static uint32_t bucketOf(uint64_t us) {
    if (us < parts) return static_cast<uint32_t>(us);
    uint32_t shift = 0;
    while (us >> shift >= 2 * parts) shift++;
    return (shift + 1) * parts + static_cast<uint32_t>((us >> shift) - parts);
  }
  static uint64_t endOf(uint32_t bucket) {
    if (bucket < parts) return bucket;
    return (uint64_t{bucket % parts + parts + 1} << (bucket / parts - 1)) - 1;
  }

  uint64_t buckets_[bucketsMax] = {};
  uint64_t count_ = 0;
  uint64_t most_ = 0;
};

}  // namespace vmeter
