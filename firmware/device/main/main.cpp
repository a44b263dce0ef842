/**
 * The meter on an ESP32-C3 or ESP32-S3: a thin shell around firmware/core. It compiles against stand-ins of ESP-IDF's
 * names; it has never run on silicon.
 */
#include "esp_app_desc.h"
#include "esp_log.h"
#include "esp_random.h"
#include "freertos/task.h"
#include "image_update.h"
#include "life.h"
#include "log_flash.h"
#include "signing_key.h"
#include "sodium_signer.h"
#include "wifi.h"

using namespace jirani;

namespace {

constexpr uint32_t turnMs = 20;

uint64_t drawn() {
  uint64_t bits;
  esp_fill_random(&bits, sizeof bits);
  return bits;
}

/** What cannot be a meter shows why, and leaves the house its power. A new firmware that gets here is gone again. */
[[noreturn]] void stay(Panel &panel, Light why, const char *words) {
  ESP_LOGE("main", "%s", words);
  if (isImageOnTrial()) rollImageBack();
  for (;;) {
    panel.show(why, nowMs());
    vTaskDelay(pdMS_TO_TICKS(turnMs));
  }
}

}  // namespace

extern "C" void app_main() {
  static Store store;
  static MeterConfig config;
  static Metering metering;
  static LogFlash flash;
  static DeviceClock clock;
  static Lock lock;
  Source &source = theSource();
  static Panel panel(source, metering);
  panel.begin();

  if (!store.open()) stay(panel, Light::fault, "no NVS, so no key and no numbers: the keeper must look");
  uint8_t seed[signingSeedBytes];
  if (!findOrMakeSeed(store, seed)) stay(panel, Light::fault, "the signing key cannot be kept");
  store.takeHandover();
  if (!store.loadConfig(config)) stay(panel, Light::noConfig, "nobody has told this meter who it is");
  if (!flash.open()) stay(panel, Light::fault, "there is no partition for the log");

  static SodiumSigner signer(seed);
  static HubLink link(config);
  const MeterParts parts{flash, store, signer, link, clock, panel, metering};
  const char *firmware = esp_app_get_description()->version;
  const MeterSettings settings{config.id,      config.secret,   config.keepAliveSeconds, esp_random(),
                               drawn(),        backOffFirstMs,  backOffMaxMs,            firmware,
                               source.name(),  source.isForSettlement()};
  static Meter meter(parts, settings);
  const bool measures = source.begin(store, metering);
  if (!meter.begin(source.calibration(), nowMs())) stay(panel, Light::fault, "the log cannot be used");
  if (!measures) stay(panel, Light::fault, "what measures does not answer");
  static MeasuringParts measuring{source, metering, lock};
  if (!startMeasuring(measuring)) stay(panel, Light::fault, "no room for the measuring task");
  if (!wifiBegin()) ESP_LOGE("main", "no Wi-Fi: measuring goes on, and the log keeps it");
  clock.begin();

  static Life life({config, store, source, metering, meter, link, clock, panel, lock, firmware});
  life.begin();
  for (;;) {
    life.turn();
    vTaskDelay(pdMS_TO_TICKS(turnMs));
  }
}
