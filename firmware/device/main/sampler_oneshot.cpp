/** One conversion after the other by a timer: slow, late and jittery, but the simulator can do it. Not for a house. */
#include <atomic>

#include "esp_adc/adc_oneshot.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "pins.h"
#include "sampler.h"

namespace jirani {
namespace {

constexpr uint32_t channels = hasGenerationClamp ? 3 : 2;
constexpr uint32_t everyUs = 500;
/** A quarter of a second; a power of two. */
constexpr uint32_t ringMoments = 512;

adc_oneshot_unit_handle_t adc;
adc_channel_t channelOf[3];
SamplePair ring[ringMoments];
std::atomic<uint32_t> written{0}, readSoFar{0};
std::atomic<uint64_t> lastAtUs{0};
std::atomic<bool> isLost{false};

void sampleOnce(void *) {
  int codes[3] = {};
  for (uint32_t k = 0; k < channels; k++)
    if (adc_oneshot_read(adc, channelOf[k], &codes[k]) != ESP_OK) isLost = true;
  const uint32_t at = written.load();
  if (at - readSoFar.load() == ringMoments) {
    isLost = true;
    return;
  }
  ring[at % ringMoments] = {static_cast<uint16_t>(codes[0]), static_cast<uint16_t>(codes[1]),
                            static_cast<uint16_t>(codes[2])};
  lastAtUs = static_cast<uint64_t>(esp_timer_get_time());
  written = at + 1;
}

}  // namespace

const uint32_t askedMomentsHz = 1'000'000 / everyUs;

bool samplerBegin() {
  adc_oneshot_unit_init_cfg_t unitConfig{};
  unitConfig.unit_id = ADC_UNIT_1;
  if (adc_oneshot_new_unit(&unitConfig, &adc) != ESP_OK) return false;
  adc_oneshot_chan_cfg_t channelConfig{};
  channelConfig.atten = ADC_ATTEN_DB_12;
  channelConfig.bitwidth = ADC_BITWIDTH_12;
  const int pins[] = {pinVoltage, pinCurrent, pinGeneration};
  for (uint32_t k = 0; k < channels; k++) {
    adc_unit_t unit;
    if (adc_oneshot_io_to_channel(pins[k], &unit, &channelOf[k]) != ESP_OK) return false;
    if (adc_oneshot_config_channel(adc, channelOf[k], &channelConfig) != ESP_OK) return false;
  }
  esp_timer_create_args_t timerConfig{};
  timerConfig.callback = sampleOnce;
  timerConfig.name = "sample";
  esp_timer_handle_t timer;
  return esp_timer_create(&timerConfig, &timer) == ESP_OK && esp_timer_start_periodic(timer, everyUs) == ESP_OK;
}

void samplerWait() { vTaskDelay(pdMS_TO_TICKS(20)); }

size_t samplerTake(SamplePair *pairs, size_t most) {
  size_t count = 0;
  for (uint32_t at = readSoFar; at != written.load() && count < most; readSoFar = ++at)
    pairs[count++] = ring[at % ringMoments];
  return count;
}

Arrival samplerArrival() {
  // The two may be one sample apart; over the seconds of the estimate that is nothing.
  return {written.load(), lastAtUs.load()};
}

bool samplerLost() { return isLost.exchange(false); }

}  // namespace jirani
