// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include <stdint.h>
#include "sdkconfig.h"
typedef enum { ADC_UNIT_1, ADC_UNIT_2 } adc_unit_t;
typedef enum { ADC_CHANNEL_0, ADC_CHANNEL_9 = 9 } adc_channel_t;
typedef enum { ADC_ATTEN_DB_0 = 0, ADC_ATTEN_DB_12 = 3 } adc_atten_t;
typedef enum { ADC_BITWIDTH_DEFAULT = 0, ADC_BITWIDTH_12 = 12 } adc_bitwidth_t;
typedef enum { ADC_CONV_SINGLE_UNIT_1 = 1 } adc_digi_convert_mode_t;
typedef enum { ADC_DIGI_OUTPUT_FORMAT_TYPE1, ADC_DIGI_OUTPUT_FORMAT_TYPE2 } adc_digi_output_format_t;
typedef struct {
  uint8_t atten;
  uint8_t channel;
  uint8_t unit;
  uint8_t bit_width;
} adc_digi_pattern_config_t;
#ifdef CONFIG_IDF_TARGET_ESP32
typedef struct {
  union {
    struct {
      uint16_t data : 12;
      uint16_t channel : 4;
    } type1;
    uint16_t val;
  };
} adc_digi_output_data_t;
#else
typedef struct {
  union {
    struct {
      uint32_t data : 12;
      uint32_t reserved12 : 1;
#ifdef CONFIG_IDF_TARGET_ESP32C3
      uint32_t channel : 3;
#else
      uint32_t channel : 4;
#endif
      uint32_t unit : 1;
    } type2;
    uint32_t val;
  };
} adc_digi_output_data_t;
#endif
