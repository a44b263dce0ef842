#include "ade_frontend.h"

#include "esp_log.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "pins.h"

namespace jirani {
namespace {

/** ADE7953 data sheet, I2C interface: address 0111000, 400 kHz at most. */
constexpr uint16_t chipAddress = 0x38;
constexpr uint32_t clockHz = 100'000;
constexpr int transferMs = 20;
constexpr uint32_t everyMs = 1'000;

}  // namespace

bool I2cBus::begin() {
  i2c_master_bus_config_t busConfig{};
  busConfig.i2c_port = -1;
  busConfig.sda_io_num = static_cast<gpio_num_t>(pinChipData);
  busConfig.scl_io_num = static_cast<gpio_num_t>(pinChipClock);
  busConfig.clk_source = I2C_CLK_SRC_DEFAULT;
  busConfig.glitch_ignore_cnt = 7;
  // An isolator between chip and meter has pull-ups of its own; these help on a bench.
  busConfig.flags.enable_internal_pullup = 1;
  i2c_device_config_t chipConfig{};
  chipConfig.dev_addr_length = I2C_ADDR_BIT_LEN_7;
  chipConfig.device_address = chipAddress;
  chipConfig.scl_speed_hz = clockHz;
  i2c_master_bus_handle_t bus;
  return i2c_new_master_bus(&busConfig, &bus) == ESP_OK &&
         i2c_master_bus_add_device(bus, &chipConfig, &chip_) == ESP_OK;
}

bool I2cBus::read(AdeRegister which, uint32_t &value) {
  const uint16_t address = static_cast<uint16_t>(which);
  const uint8_t asked[] = {static_cast<uint8_t>(address >> 8), static_cast<uint8_t>(address)};
  uint8_t bytes[4];
  const uint32_t width = adeBytesOf(which);
  if (i2c_master_transmit_receive(chip_, asked, sizeof asked, bytes, width, transferMs) != ESP_OK) return false;
  value = 0;
  for (uint32_t at = 0; at < width; at++) value = value << 8 | bytes[at];
  return true;
}

bool I2cBus::write(AdeRegister which, uint32_t value) {
  const uint16_t address = static_cast<uint16_t>(which);
  const uint32_t width = adeBytesOf(which);
  uint8_t bytes[6] = {static_cast<uint8_t>(address >> 8), static_cast<uint8_t>(address)};
  for (uint32_t at = 0; at < width; at++) bytes[2 + at] = static_cast<uint8_t>(value >> (8 * (width - 1 - at)));
  return i2c_master_transmit(chip_, bytes, 2 + width, transferMs) == ESP_OK;
}

bool AdeFrontend::begin(Store &store, Metering &) {
  store_ = &store;
  Ade7953Scale scale;
  store.loadScale(scale);
  calibration_.number = scale.number;
  calibration_.madeAt = scale.madeAt;
  fedAtUs_ = static_cast<uint64_t>(esp_timer_get_time());
  return bus_.begin() && chip_.begin(scale, fedAtUs_);
}

void AdeFrontend::wait() { vTaskDelay(pdMS_TO_TICKS(everyMs)); }

uint32_t AdeFrontend::feed(Metering &metering) {
  const uint64_t nowUs = static_cast<uint64_t>(esp_timer_get_time());
  if (!chip_.feed(metering, nowUs)) {
    ESP_LOGW("ade7953", "the chip does not answer");
    return 0;
  }
  if (isLoadRunning_) run_.take(chip_.counts(), static_cast<uint32_t>(nowUs - fedAtUs_));
  fedAtUs_ = nowUs;
  return 1;
}

bool AdeFrontend::trim(Metering &, int32_t voltagePpm, int32_t currentPpm, int32_t lagNs) {
  Ade7953Scale changed = chip_.scale();
  if (!changed.trim(voltagePpm, currentPpm, lagNs) || !store_->keepScale(changed)) return false;
  chip_.setScale(changed);
  return true;
}

void AdeFrontend::beginLoad(uint32_t trueMv, uint32_t trueMw) {
  run_.begin(trueMv, trueMw);
  isLoadRunning_ = true;
}

CalibrationOutcome AdeFrontend::calibrateOn(Store &store, Metering &metering, uint32_t unixSeconds) {
  if (!isLoadRunning_) return CalibrationOutcome::needsMoreTime;
  Ade7953Scale found = chip_.scale();
  const CalibrationOutcome outcome = run_.finish(found);
  if (outcome == CalibrationOutcome::needsMoreTime) return outcome;
  isLoadRunning_ = false;
  if (outcome != CalibrationOutcome::done) return outcome;
  calibration_.number = ++found.number;
  calibration_.madeAt = found.madeAt = unixSeconds;
  chip_.setScale(found);
  metering.calibrate(calibration_);
  if (!store.keepScale(found)) ESP_LOGE("ade7953", "the calibration could not be kept");
  return outcome;
}

#ifdef CONFIG_JIRANI_FRONTEND_ADE7953
Source &theSource() {
  static AdeFrontend source;
  return source;
}
#endif

}  // namespace jirani
