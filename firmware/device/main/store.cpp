#include "store.h"

#include <string.h>

#include "esp_log.h"
#include "esp_partition.h"
#include "nvs_flash.h"
#include "partitions.h"

namespace jirani {

static constexpr char tag[] = "store";
// NVS allows names of 15 letters.
static constexpr char configName[] = "config", floorName[] = "floor", wifiName[] = "wifi", seedName[] = "seed";
static constexpr char calibrationName[] = "calibration", scaleName[] = "scale";

bool Store::open() {
  // The usual recipe erases NVS when it is full or of another version. Here that would lose the key for ever.
  const esp_err_t error = nvs_flash_init();
  if (error == ESP_OK && nvs_open("meter", NVS_READWRITE, &handle_) == ESP_OK) return true;
  ESP_LOGE(tag, "NVS cannot be used: %s", esp_err_to_name(error));
  return false;
}

size_t Store::loadBytes(const char *name, void *bytes, size_t capacity) {
  size_t length = capacity;
  return nvs_get_blob(handle_, name, bytes, &length) == ESP_OK ? length : 0;
}

bool Store::keepBytes(const char *name, const void *bytes, size_t length) {
  return nvs_set_blob(handle_, name, bytes, length) == ESP_OK && nvs_commit(handle_) == ESP_OK;
}

void Store::takeHandover() {
  const esp_partition_t *place = findPartition(PartitionUse::handover);
  static char text[configBytesMax + 1];
  if (place == nullptr || esp_partition_read(place, 0, text, sizeof text) != ESP_OK) return;
  const size_t length = handoverLength(reinterpret_cast<const uint8_t *>(text), sizeof text);
  if (length == 0) return;
  MeterConfig config;
  const ConfigFault fault = readConfig(text, length, config);
  if (fault == ConfigFault::none && !keepBytes(configName, text, length)) return;
  if (fault != ConfigFault::none) ESP_LOGE(tag, "the handed over configuration is wrong (%d)", static_cast<int>(fault));
  // The secret stands there in the clear. It goes, taken over or refused.
  memset(text, 0, sizeof text);
  esp_partition_erase_range(place, 0, place->size);
}

bool Store::loadConfig(MeterConfig &config) {
  static char text[configBytesMax];
  const size_t length = loadBytes(configName, text, sizeof text);
  const bool isGood = length > 0 && readConfig(text, length, config) == ConfigFault::none;
  memset(text, 0, sizeof text);
  // A keeper who replaces a meter's flash tells how far its numbers had got.
  if (isGood && config.sequenceFloor > load()) store(config.sequenceFloor);
  return isGood;
}

uint64_t Store::load() {
  uint64_t floor = 0;
  return nvs_get_u64(handle_, floorName, &floor) == ESP_OK ? floor : 0;
}

bool Store::store(uint64_t floor) {
  return nvs_set_u64(handle_, floorName, floor) == ESP_OK && nvs_commit(handle_) == ESP_OK;
}

bool Store::loadWifi(WifiCredentials &wifi) {
  WifiCredentials kept;
  if (loadBytes(wifiName, &kept, sizeof kept) != sizeof kept) return false;
  kept.ssid[ssidMax] = kept.password[wifiPasswordMax] = 0;
  return readWifi(kept.ssid, strlen(kept.ssid), kept.password, strlen(kept.password), wifi);
}

bool Store::keepWifi(const WifiCredentials &wifi) { return keepBytes(wifiName, &wifi, sizeof wifi); }

bool Store::loadCalibration(Calibration &calibration) {
  uint8_t bytes[keptCalibrationBytes];
  return unpackCalibration(bytes, loadBytes(calibrationName, bytes, sizeof bytes), calibration);
}

bool Store::keepCalibration(const Calibration &calibration) {
  uint8_t bytes[keptCalibrationBytes];
  packCalibration(calibration, bytes);
  return keepBytes(calibrationName, bytes, sizeof bytes);
}

bool Store::loadScale(Ade7953Scale &scale) {
  uint8_t bytes[keptScaleBytes];
  return unpackScale(bytes, loadBytes(scaleName, bytes, sizeof bytes), scale);
}

bool Store::keepScale(const Ade7953Scale &scale) {
  uint8_t bytes[keptScaleBytes];
  packScale(scale, bytes);
  return keepBytes(scaleName, bytes, sizeof bytes);
}

void Store::forget() {
  const char *names[] = {wifiName, calibrationName, scaleName};
  for (const char *name : names) nvs_erase_key(handle_, name);
  nvs_commit(handle_);
}

bool Store::loadSeed(uint8_t seed[signingSeedBytes]) {
  return loadBytes(seedName, seed, signingSeedBytes) == signingSeedBytes;
}

bool Store::keepSeed(const uint8_t seed[signingSeedBytes]) { return keepBytes(seedName, seed, signingSeedBytes); }

}  // namespace jirani
