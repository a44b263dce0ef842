/**
 * Must not compile: a field that ESP-IDF does not have, and a call that the core does not have. `check` wants to see
 * exactly these two errors, so a check that checks nothing cannot be green.
 */
#include "esp_adc/adc_continuous.h"
#include "jirani/meter.h"

uint32_t wrongField(const adc_continuous_config_t &config) { return config.sample_freq_khz; }

void wrongCall(jirani::Meter &meter) { meter.opened(); }
