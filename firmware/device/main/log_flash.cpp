#include "log_flash.h"

#include "partitions.h"

namespace jirani {

bool LogFlash::open() {
  partition_ = findPartition(PartitionUse::log);
  if (partition_ != nullptr && partition_->encrypted) partition_ = nullptr;
  return partition_ != nullptr && partition_->erase_size == sectorBytes;
}

bool LogFlash::read(uint32_t at, void *bytes, size_t length) {
  return esp_partition_read(partition_, at, bytes, length) == ESP_OK;
}

bool LogFlash::write(uint32_t at, const void *bytes, size_t length) {
  return esp_partition_write(partition_, at, bytes, length) == ESP_OK;
}

bool LogFlash::erase(uint32_t sector) {
  return esp_partition_erase_range(partition_, sector * sectorBytes, sectorBytes) == ESP_OK;
}

}  // namespace jirani
