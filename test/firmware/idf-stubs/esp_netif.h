// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include "esp_netif_types.h"
typedef struct esp_netif_obj esp_netif_t;
extern "C" esp_err_t esp_netif_init(void);
