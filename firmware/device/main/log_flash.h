/** The `mlog` partition as the raw flash of the log. */
#pragma once
#include "esp_partition.h"
#include "jirani/flash_log.h"

namespace jirani {

class LogFlash final : public Flash {
 public:
  /** False without the partition, or when it is encrypted: erased flash would not read as 0xff. */
  bool open();
  bool read(uint32_t at, void *bytes, size_t length) override;
  bool write(uint32_t at, const void *bytes, size_t length) override;
  bool erase(uint32_t sector) override;
  uint32_t sectors() const override { return partition_ == nullptr ? 0 : partition_->size / sectorBytes; }

 private:
  const esp_partition_t *partition_ = nullptr;
};

}  // namespace jirani
