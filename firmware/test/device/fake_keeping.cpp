/** NVS, partitions and images, in files of the test's folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fstream>
#include <map>
#include <vector>

#include "esp_ota_ops.h"
#include "jirani/kept.h"
#include "nvs_flash.h"
#include "plug.h"

namespace {

using Bytes = std::vector<char>;
std::map<std::string, Bytes> entries;
constexpr esp_err_t notFound = 0x1102;

Bytes readAll(const std::string &name) {
  std::ifstream file(name, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

void writeAll(const std::string &name, const Bytes &bytes) {
  std::ofstream(name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

const esp_partition_t handover{static_cast<esp_partition_type_t>(0x40), static_cast<esp_partition_subtype_t>(1),
                               0x1b000, 0x1000, 0x1000, "handover", false, false};
const esp_partition_t logPartition{static_cast<esp_partition_type_t>(0x40), static_cast<esp_partition_subtype_t>(2),
                                   0x3a0000, 0x40000, 0x1000, "mlog", false, false};
const esp_partition_t slots[] = {{ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_ANY, 0x20000, 0x1c0000, 0x1000, "ota_0", false, false},
                                 {ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_ANY, 0x1e0000, 0x1c0000, 0x1000, "ota_1", false, false}};

/** In memory, and in its file after each change. */
Bytes &bytesOf(const esp_partition_t *partition) {
  static std::map<const esp_partition_t *, Bytes> all;
  Bytes &bytes = all[partition];
  if (bytes.empty()) {
    bytes = readAll(plug::stateFile(partition->label));
    bytes.resize(partition->size, static_cast<char>(0xff));
  }
  return bytes;
}

void keep(const esp_partition_t *partition) { writeAll(plug::stateFile(partition->label), bytesOf(partition)); }

}  // namespace

extern "C" {

const char *esp_err_to_name(esp_err_t) { return "a fake's error"; }

esp_err_t nvs_flash_init() {
  const Bytes all = readAll(plug::stateFile("nvs"));
  for (size_t at = 0; at + 8 <= all.size();) {
    uint32_t sizes[2];
    memcpy(sizes, &all[at], 8);
    const std::string key(&all[at + 8], sizes[0]);
    entries[key] = Bytes(all.begin() + static_cast<long>(at + 8 + sizes[0]), all.begin() + static_cast<long>(at + 8 + sizes[0] + sizes[1]));
    at += 8 + sizes[0] + sizes[1];
  }
  return ESP_OK;
}

esp_err_t nvs_open(const char *, nvs_open_mode_t, nvs_handle_t *out) {
  *out = 1;
  if (!plug::isSet("DEVICE_CALIBRATED") || entries.count("calibration") != 0) return ESP_OK;
  jirani::Calibration calibration;
  calibration.uvPerCode = 210'526;
  calibration.grid.uaPerCode = 85'600;
  calibration.grid.lateMillisamples = 0;
  uint8_t bytes[jirani::keptCalibrationBytes];
  jirani::packCalibration(calibration, bytes);
  return nvs_set_blob(1, "calibration", bytes, sizeof bytes);
}

esp_err_t nvs_get_blob(nvs_handle_t, const char *key, void *value, size_t *length) {
  const auto found = entries.find(key);
  if (found == entries.end() || found->second.size() > *length) return notFound;
  *length = found->second.size();
  memcpy(value, found->second.data(), *length);
  return ESP_OK;
}

esp_err_t nvs_set_blob(nvs_handle_t, const char *key, const void *value, size_t length) {
  if (strlen(key) > 15) abort();
  const char *bytes = static_cast<const char *>(value);
  entries[key] = Bytes(bytes, bytes + length);
  return ESP_OK;
}

esp_err_t nvs_get_u64(nvs_handle_t handle, const char *key, uint64_t *value) {
  size_t length = sizeof *value;
  return nvs_get_blob(handle, key, value, &length);
}

esp_err_t nvs_set_u64(nvs_handle_t handle, const char *key, uint64_t value) {
  return nvs_set_blob(handle, key, &value, sizeof value);
}

esp_err_t nvs_erase_key(nvs_handle_t, const char *key) { return entries.erase(key) == 1 ? ESP_OK : notFound; }

esp_err_t nvs_commit(nvs_handle_t) {
  Bytes all;
  for (const auto &[key, value] : entries) {
    const uint32_t sizes[] = {static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size())};
    const char *head = reinterpret_cast<const char *>(sizes);
    all.insert(all.end(), head, head + sizeof sizes);
    all.insert(all.end(), key.begin(), key.end());
    all.insert(all.end(), value.begin(), value.end());
  }
  writeAll(plug::stateFile("nvs"), all);
  return ESP_OK;
}

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                                const char *label) {
  for (const esp_partition_t *one : {&handover, &logPartition})
    if (one->type == type && one->subtype == subtype && strcmp(one->label, label) == 0) return one;
  return nullptr;
}

esp_err_t esp_partition_read(const esp_partition_t *partition, size_t at, void *bytes, size_t length) {
  if (at + length > partition->size) return ESP_FAIL;
  memcpy(bytes, &bytesOf(partition)[at], length);
  return ESP_OK;
}

/** As NOR flash does: bits only fall. */
esp_err_t esp_partition_write(const esp_partition_t *partition, size_t at, const void *bytes, size_t length) {
  if (at + length > partition->size) return ESP_FAIL;
  for (size_t k = 0; k < length; k++) bytesOf(partition)[at + k] &= static_cast<const char *>(bytes)[k];
  keep(partition);
  return ESP_OK;
}

esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t at, size_t length) {
  if (at % 4096 != 0 || length % 4096 != 0 || at + length > partition->size) return ESP_FAIL;
  memset(&bytesOf(partition)[at], 0xff, length);
  keep(partition);
  return ESP_OK;
}

const esp_app_desc_t *esp_app_get_description() {
  static const esp_app_desc_t description{0xabcd5432, 0, "on-host", "jirani-meter"};
  return &description;
}

const esp_partition_t *esp_ota_get_running_partition() { return &slots[0]; }
const esp_partition_t *esp_ota_get_next_update_partition(const esp_partition_t *) { return &slots[1]; }
esp_err_t esp_ota_begin(const esp_partition_t *, size_t, esp_ota_handle_t *out) { return *out = 1, ESP_OK; }
esp_err_t esp_ota_write(esp_ota_handle_t, const void *, size_t length) { return plug::tell("image bytes %zu", length), ESP_OK; }
esp_err_t esp_ota_end(esp_ota_handle_t) { return ESP_OK; }
esp_err_t esp_ota_abort(esp_ota_handle_t) { return ESP_OK; }
esp_err_t esp_ota_set_boot_partition(const esp_partition_t *slot) { return plug::tell("image next %s", slot->label), ESP_OK; }

esp_err_t esp_ota_get_state_partition(const esp_partition_t *, esp_ota_img_states_t *state) {
  *state = plug::isSet("DEVICE_ON_TRIAL") ? ESP_OTA_IMG_PENDING_VERIFY : ESP_OTA_IMG_VALID;
  return ESP_OK;
}
esp_err_t esp_ota_mark_app_valid_cancel_rollback() { return plug::tell("image kept"), ESP_OK; }
esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot() {
  plug::tell("image rolled back");
  _Exit(3);
}
void esp_restart() {
  plug::tell("restart");
  _Exit(4);
}

}  // extern "C"
