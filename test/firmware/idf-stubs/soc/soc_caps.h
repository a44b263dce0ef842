// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include "sdkconfig.h"
#ifdef CONFIG_IDF_TARGET_ESP32
#define SOC_ADC_DIGI_RESULT_BYTES 2
#else
#define SOC_ADC_DIGI_RESULT_BYTES 4
#endif
