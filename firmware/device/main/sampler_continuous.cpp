/** The ADC under DMA. Interrupts count its frames against esp_timer, because the asked rate is not the real one. */
#include <atomic>

#include "esp_adc/adc_continuous.h"
#include "esp_attr.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "pins.h"
#include "sampler.h"
#include "soc/soc_caps.h"

namespace jirani {
namespace {

constexpr uint32_t channels = hasGenerationClamp ? 3 : 2;
/** 16 ms of all channels. */
constexpr uint32_t momentsPerFrame = 160;
constexpr uint32_t frameBytes = momentsPerFrame * channels * SOC_ADC_DIGI_RESULT_BYTES;
/** An erase of flash may hold the other task, and with it the lock, for a few tenths of a second. */
constexpr uint32_t poolFrames = 24;
constexpr uint32_t waitMs = 100;

adc_continuous_handle_t adc;
portMUX_TYPE counting = portMUX_INITIALIZER_UNLOCKED;
// Written by the interrupt.
Arrival arrival{0, 0};
std::atomic<bool> isLost{false};

PairAssembler assembler(hasGenerationClamp);
uint8_t channelOf[3];
uint8_t bytes[frameBytes];
uint32_t filled = 0, taken = 0;

bool IRAM_ATTR frameDone(adc_continuous_handle_t, const adc_continuous_evt_data_t *event, void *) {
  portENTER_CRITICAL_ISR(&counting);
  arrival.moments += event->size / (channels * SOC_ADC_DIGI_RESULT_BYTES);
  arrival.atUs = static_cast<uint64_t>(esp_timer_get_time());
  portEXIT_CRITICAL_ISR(&counting);
  return false;
}

bool IRAM_ATTR poolFull(adc_continuous_handle_t, const adc_continuous_evt_data_t *, void *) {
  isLost = true;
  return false;
}

bool configure() {
  const int pins[] = {pinVoltage, pinCurrent, pinGeneration};
  adc_digi_pattern_config_t pattern[channels] = {};
  for (uint32_t k = 0; k < channels; k++) {
    adc_unit_t unit;
    adc_channel_t channel;
    if (adc_continuous_io_to_channel(pins[k], &unit, &channel) != ESP_OK || unit != ADC_UNIT_1) return false;
    channelOf[k] = static_cast<uint8_t>(channel);
    pattern[k].atten = ADC_ATTEN_DB_12;
    pattern[k].channel = static_cast<uint8_t>(channel);
    pattern[k].unit = ADC_UNIT_1;
    pattern[k].bit_width = ADC_BITWIDTH_12;
  }
  adc_continuous_config_t config{};
  config.pattern_num = channels;
  config.adc_pattern = pattern;
  config.sample_freq_hz = askedMomentsHz * channels;
  config.conv_mode = ADC_CONV_SINGLE_UNIT_1;
#ifdef CONFIG_IDF_TARGET_ESP32
  config.format = ADC_DIGI_OUTPUT_FORMAT_TYPE1;
#else
  config.format = ADC_DIGI_OUTPUT_FORMAT_TYPE2;
#endif
  return adc_continuous_config(adc, &config) == ESP_OK;
}

}  // namespace

const uint32_t askedMomentsHz = 10'000;

bool samplerBegin() {
  adc_continuous_handle_cfg_t room{};
  room.max_store_buf_size = frameBytes * poolFrames;
  room.conv_frame_size = frameBytes;
  adc_continuous_evt_cbs_t events{};
  events.on_conv_done = frameDone;
  events.on_pool_ovf = poolFull;
  return adc_continuous_new_handle(&room, &adc) == ESP_OK && configure() &&
         adc_continuous_register_event_callbacks(adc, &events, nullptr) == ESP_OK &&
         adc_continuous_start(adc) == ESP_OK;
}

void samplerWait() {
  if (taken < filled) return;
  taken = filled = 0;
  if (adc_continuous_read(adc, bytes, sizeof bytes, &filled, waitMs) != ESP_OK) filled = 0;
}

size_t samplerTake(SamplePair *pairs, size_t most) {
  size_t count = 0;
  for (; taken + SOC_ADC_DIGI_RESULT_BYTES <= filled && count < most; taken += SOC_ADC_DIGI_RESULT_BYTES) {
    const auto *result = reinterpret_cast<const adc_digi_output_data_t *>(bytes + taken);
#ifdef CONFIG_IDF_TARGET_ESP32
    const auto &one = result->type1;
#else
    const auto &one = result->type2;
#endif
    for (uint32_t k = 0; k < channels; k++)
      if (one.channel == channelOf[k] &&
          assembler.add(static_cast<Channel>(k), static_cast<uint16_t>(one.data)))
        pairs[count++] = assembler.pair();
  }
  return count;
}

Arrival samplerArrival() {
  portENTER_CRITICAL(&counting);
  const Arrival now = arrival;
  portEXIT_CRITICAL(&counting);
  return now;
}

bool samplerLost() { return isLost.exchange(false); }

}  // namespace jirani
