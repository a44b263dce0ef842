#include "panel.h"

#include "driver/gpio.h"
#include "esp_timer.h"
#include "pins.h"

namespace jirani {
namespace {

/**
 * The contactor is a normally closed one: without current in its coil the house has power. So a meter that is dead, starts
 * or crashes gives power, because its pins are inputs then.
 */
constexpr uint32_t coilOff = 0, coilOn = 1;

constexpr gpio_num_t relayPin = static_cast<gpio_num_t>(pinRelay);
constexpr gpio_num_t lightPin = static_cast<gpio_num_t>(pinStatusLed);
constexpr gpio_num_t buttonPin = static_cast<gpio_num_t>(pinSetupButton);
constexpr gpio_num_t coverPin = static_cast<gpio_num_t>(pinCoverSwitch);

void makeOutput(gpio_num_t pin) {
  gpio_set_level(pin, 0);
  gpio_set_direction(pin, GPIO_MODE_OUTPUT);
  gpio_set_level(pin, 0);
}

void makeSwitch(gpio_num_t pin) {
  gpio_set_direction(pin, GPIO_MODE_INPUT);
  gpio_set_pull_mode(pin, GPIO_PULLUP_ONLY);
}

}  // namespace

void Panel::begin() {
  makeOutput(relayPin);
  makeOutput(lightPin);
  makeSwitch(buttonPin);
  makeSwitch(coverPin);
}

Press Panel::button(uint64_t nowMs) { return button_.feed(gpio_get_level(buttonPin) == 0, nowMs); }

bool Panel::coverCameOff() {
  const bool isOn = gpio_get_level(coverPin) == 0;
  const bool cameOff = wasCoverOn_ && !isOn;
  wasCoverOn_ = isOn;
  return cameOff;
}

void Panel::show(Light light, uint64_t nowMs) {
  gpio_set_level(lightPin, isLit(nowMs < identifyUntilMs_ ? Light::identify : light, nowMs) ? 1 : 0);
}

bool Panel::setRelay(bool isClosed) { return gpio_set_level(relayPin, isClosed ? coilOff : coilOn) == ESP_OK; }

bool Panel::identify(uint32_t seconds) {
  identifyUntilMs_ = static_cast<uint64_t>(esp_timer_get_time()) / 1'000 + uint64_t{seconds} * 1'000;
  return true;
}

bool Panel::calibrate(int32_t voltagePpm, int32_t currentPpm, int32_t lagNs) {
  return source_.trim(metering_, voltagePpm, currentPpm, lagNs);
}

}  // namespace jirani
