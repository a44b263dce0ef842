// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include "esp_err.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
extern "C" esp_err_t esp_task_wdt_add(TaskHandle_t task_handle);
extern "C" esp_err_t esp_task_wdt_reset(void);
