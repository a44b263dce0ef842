/** The partitions of our own in partitions.csv. */
#pragma once
#include <stdint.h>

#include "esp_partition.h"

namespace jirani {

constexpr uint8_t ownPartitionType = 0x40;
enum class PartitionUse : uint8_t { handover = 0x01, log = 0x02 };

inline const esp_partition_t *findPartition(PartitionUse use) {
  return esp_partition_find_first(static_cast<esp_partition_type_t>(ownPartitionType),
                                  static_cast<esp_partition_subtype_t>(use),
                                  use == PartitionUse::log ? "mlog" : "handover");
}

}  // namespace jirani
