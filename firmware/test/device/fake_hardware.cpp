/** Time, tasks, pins, ADC and the serial line. */
#include <math.h>
#include <stdlib.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include "driver/gpio.h"
#include "driver/i2c_master.h"
#include "driver/usb_serial_jtag.h"
#include "esp_adc/adc_cali_scheme.h"
#include "esp_adc/adc_continuous.h"
#include "esp_log.h"
#include "esp_random.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "freertos/semphr.h"
#include "pins.h"
#include "plug.h"

struct QueueDefinition {
  std::mutex mutex;
  std::deque<std::vector<char>> items;
  size_t most = 0, bytes = 0;
};

namespace {

std::mutex critical;
std::atomic<int> levels[GPIO_NUM_MAX];
adc_continuous_config_t adcConfig;
adc_continuous_handle_cfg_t adcRoom;
adc_continuous_evt_cbs_t adcEvents;
std::vector<uint8_t> adcChannels;
std::mutex adcMutex;
std::condition_variable adcNews;
std::deque<std::vector<uint8_t>> adcFrames;
std::mutex serialMutex;
std::deque<uint8_t> serialIn;

/** Voltage on the first channel, the load's current on the second, nothing on the third. */
uint32_t codeOf(size_t channel, uint64_t moment) {
  constexpr double voltsPerCode = 0.210526, ampsPerCode = 0.0856, pi = 3.14159265358979;
  const double wave = sqrt(2) * sin(2 * pi * 50 * static_cast<double>(moment) / 10'000);
  const double volts = 230 / voltsPerCode * wave, amps = plug::watts / 230 / ampsPerCode * wave;
  return static_cast<uint32_t>(lround(2'048 + (channel == 0 ? volts : channel == 1 ? amps : 0)));
}

void convertForEver() {
  const size_t channels = adcConfig.pattern_num;
  const size_t moments = adcRoom.conv_frame_size / 4 / channels;
  uint64_t moment = 0;
  for (;;) {
    std::vector<uint8_t> frame(adcRoom.conv_frame_size);
    auto *results = reinterpret_cast<adc_digi_output_data_t *>(frame.data());
    for (size_t k = 0; k < moments * channels; k++) {
      results[k].type2.data = codeOf(k % channels, moment + k / channels) & 0xfff;
      results[k].type2.channel = adcChannels[k % channels] & 7;
    }
    moment += moments;
    const uint64_t dueUs = moment * 100;
    if (dueUs > plug::nowUs()) plug::sleepUs(dueUs - plug::nowUs());
    const adc_continuous_evt_data_t event{frame.data(), static_cast<uint32_t>(frame.size())};
    adcEvents.on_conv_done(nullptr, &event, nullptr);
    const std::lock_guard<std::mutex> guard(adcMutex);
    if ((adcFrames.size() + 1) * frame.size() > adcRoom.max_store_buf_size) adcEvents.on_pool_ovf(nullptr, &event, nullptr);
    else adcFrames.push_back(std::move(frame));
    adcNews.notify_all();
  }
}

}  // namespace

void plug::setInput(int pin, int level) { levels[pin] = level; }

void plug::serial(const std::string &hex) {
  const std::lock_guard<std::mutex> guard(serialMutex);
  for (size_t at = 0; at + 1 < hex.size(); at += 2)
    serialIn.push_back(static_cast<uint8_t>(strtoul(hex.substr(at, 2).c_str(), nullptr, 16)));
}

extern "C" {

void esp_log_stand_in(const char *tag, const char *format, ...) {
  va_list words;
  va_start(words, format);
  fprintf(stderr, "%s: ", tag);
  vfprintf(stderr, format, words);
  fputc('\n', stderr);
  va_end(words);
}

int64_t esp_timer_get_time() { return static_cast<int64_t>(plug::nowUs()); }
void port_enter_stand_in(portMUX_TYPE *) { critical.lock(); }
void port_exit_stand_in(portMUX_TYPE *) { critical.unlock(); }
uint32_t esp_random() { return std::random_device{}(); }
void esp_fill_random(void *bytes, size_t length) {
  std::random_device random;
  for (size_t at = 0; at < length; at++) static_cast<uint8_t *>(bytes)[at] = static_cast<uint8_t>(random());
}
void bootloader_random_enable() { plug::tell("random on"); }
void bootloader_random_disable() {}
esp_err_t esp_task_wdt_add(TaskHandle_t) { return ESP_OK; }
esp_err_t esp_task_wdt_reset() { return ESP_OK; }
void vTaskDelay(TickType_t ticks) { plug::sleepUs(uint64_t{ticks} * 1'000); }
BaseType_t xTaskCreate(TaskFunction_t code, const char *, uint32_t, void *of, UBaseType_t, TaskHandle_t *) {
  std::thread(code, of).detach();
  return pdPASS;
}
SemaphoreHandle_t xSemaphoreCreateMutexStatic(StaticSemaphore_t *) { return new QueueDefinition; }
BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t) { return semaphore->mutex.lock(), pdTRUE; }
BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore) { return semaphore->mutex.unlock(), pdTRUE; }
QueueHandle_t xQueueCreate(UBaseType_t length, UBaseType_t bytes) {
  auto *queue = new QueueDefinition;
  queue->most = length;
  queue->bytes = bytes;
  return queue;
}
BaseType_t xQueueSend(QueueHandle_t queue, const void *item, TickType_t) {
  const std::lock_guard<std::mutex> guard(queue->mutex);
  if (queue->items.size() == queue->most) return 0;
  const char *bytes = static_cast<const char *>(item);
  queue->items.emplace_back(bytes, bytes + queue->bytes);
  return pdTRUE;
}
BaseType_t xQueueReceive(QueueHandle_t queue, void *item, TickType_t) {
  const std::lock_guard<std::mutex> guard(queue->mutex);
  if (queue->items.empty()) return 0;
  std::copy(queue->items.front().begin(), queue->items.front().end(), static_cast<char *>(item));
  queue->items.pop_front();
  return pdTRUE;
}

esp_err_t gpio_set_level(gpio_num_t pin, uint32_t level) {
  const int before = levels[pin].exchange(static_cast<int>(level));
  if (pin == pinRelay && before != static_cast<int>(level)) plug::tell("relay coil %u", level);
  return ESP_OK;
}
int gpio_get_level(gpio_num_t pin) { return levels[pin]; }
esp_err_t gpio_set_direction(gpio_num_t, gpio_mode_t) { return ESP_OK; }
esp_err_t gpio_set_pull_mode(gpio_num_t pin, gpio_pull_mode_t) {
  // Nobody presses the button; the cover is closed.
  levels[pin] = pin == pinCoverSwitch ? 0 : 1;
  return ESP_OK;
}

esp_err_t adc_continuous_new_handle(const adc_continuous_handle_cfg_t *room, adc_continuous_handle_t *) {
  adcRoom = *room;
  return ESP_OK;
}
esp_err_t adc_continuous_config(adc_continuous_handle_t, const adc_continuous_config_t *config) {
  adcConfig = *config;
  for (uint32_t k = 0; k < config->pattern_num; k++) adcChannels.push_back(config->adc_pattern[k].channel);
  return ESP_OK;
}
esp_err_t adc_continuous_register_event_callbacks(adc_continuous_handle_t, const adc_continuous_evt_cbs_t *events, void *) {
  adcEvents = *events;
  return ESP_OK;
}
esp_err_t adc_continuous_start(adc_continuous_handle_t) {
  if (!plug::isSet("DEVICE_WITHOUT_ADC")) std::thread(convertForEver).detach();
  return ESP_OK;
}
esp_err_t adc_continuous_read(adc_continuous_handle_t, uint8_t *bytes, uint32_t most, uint32_t *length, uint32_t ms) {
  std::unique_lock<std::mutex> guard(adcMutex);
  const auto patience = std::chrono::microseconds(static_cast<int64_t>(ms * 1'000 / plug::speed()));
  if (!adcNews.wait_for(guard, patience, [] { return !adcFrames.empty(); })) return ESP_FAIL;
  const std::vector<uint8_t> &frame = adcFrames.front();
  *length = static_cast<uint32_t>(frame.size());
  if (*length > most) abort();
  std::copy(frame.begin(), frame.end(), bytes);
  adcFrames.pop_front();
  return ESP_OK;
}
esp_err_t adc_continuous_io_to_channel(int pin, adc_unit_t *unit, adc_channel_t *channel) {
  *unit = ADC_UNIT_1;
  *channel = static_cast<adc_channel_t>(pin);
  return ESP_OK;
}
esp_err_t adc_cali_create_scheme_curve_fitting(const adc_cali_curve_fitting_config_t *, adc_cali_handle_t *) { return ESP_OK; }
esp_err_t adc_cali_raw_to_voltage(adc_cali_handle_t, int raw, int *millivolts) {
  *millivolts = raw * 3'100 / 4'096;
  return ESP_OK;
}

esp_err_t usb_serial_jtag_driver_install(usb_serial_jtag_driver_config_t *) { return ESP_OK; }
int usb_serial_jtag_read_bytes(void *bytes, uint32_t length, uint32_t) {
  const std::lock_guard<std::mutex> guard(serialMutex);
  uint32_t got = 0;
  for (; got < length && !serialIn.empty(); got++, serialIn.pop_front()) static_cast<uint8_t *>(bytes)[got] = serialIn.front();
  return static_cast<int>(got);
}
int usb_serial_jtag_write_bytes(const void *bytes, size_t length, uint32_t) {
  std::string hex;
  char digits[3];
  for (size_t at = 0; at < length; at++) snprintf(digits, sizeof digits, "%02x", static_cast<const uint8_t *>(bytes)[at]), hex += digits;
  plug::tell("serial %s", hex.c_str());
  return static_cast<int>(length);
}

// There is no ADE7953 on this bench.
esp_err_t i2c_new_master_bus(const i2c_master_bus_config_t *, i2c_master_bus_handle_t *) { return ESP_FAIL; }
esp_err_t i2c_master_bus_add_device(i2c_master_bus_handle_t, const i2c_device_config_t *, i2c_master_dev_handle_t *) { return ESP_FAIL; }
esp_err_t i2c_master_transmit(i2c_master_dev_handle_t, const uint8_t *, size_t, int) { return ESP_FAIL; }
esp_err_t i2c_master_transmit_receive(i2c_master_dev_handle_t, const uint8_t *, size_t, uint8_t *, size_t, int) { return ESP_FAIL; }

}  // extern "C"
