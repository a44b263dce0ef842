#include "measuring.h"

#include "esp_task_wdt.h"
#include "freertos/task.h"

namespace jirani {
namespace {

constexpr uint32_t stackBytes = 6'144;
/** Above the main task and the network, below the system's timers. */
constexpr UBaseType_t priority = 18;

void measureForEver(void *of) {
  MeasuringParts &parts = *static_cast<MeasuringParts *>(of);
  esp_task_wdt_add(nullptr);
  for (;;) {
    parts.source.wait();
    esp_task_wdt_reset();
    Guard guard(parts.lock);
    parts.source.feed(parts.metering);
  }
}

}  // namespace

bool startMeasuring(MeasuringParts &parts) {
  return xTaskCreate(measureForEver, "measure", stackBytes, &parts, priority, nullptr) == pdPASS;
}

}  // namespace jirani
