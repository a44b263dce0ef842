// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include "esp_err.h"
#include "hal/adc_types.h"
typedef struct adc_cali_scheme_t *adc_cali_handle_t;
extern "C" esp_err_t adc_cali_raw_to_voltage(adc_cali_handle_t handle, int raw, int *voltage);
