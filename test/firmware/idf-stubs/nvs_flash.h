// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include "nvs.h"
extern "C" esp_err_t nvs_flash_init(void);
