// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include <stddef.h>
#include <stdint.h>
typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL -1
extern "C" const char *esp_err_to_name(esp_err_t code);
