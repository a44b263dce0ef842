// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include "sdkconfig.h"
extern "C" void esp_log_stand_in(const char *tag, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define ESP_LOGE(tag, ...) esp_log_stand_in(tag, __VA_ARGS__)
#define ESP_LOGW(tag, ...) esp_log_stand_in(tag, __VA_ARGS__)
#define ESP_LOGI(tag, ...) esp_log_stand_in(tag, __VA_ARGS__)
