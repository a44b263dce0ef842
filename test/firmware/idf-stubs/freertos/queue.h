// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include "freertos/FreeRTOS.h"
typedef struct QueueDefinition *QueueHandle_t;
extern "C" QueueHandle_t xQueueCreate(UBaseType_t length, UBaseType_t item_size);
extern "C" BaseType_t xQueueSend(QueueHandle_t queue, const void *item, TickType_t wait);
extern "C" BaseType_t xQueueReceive(QueueHandle_t queue, void *item, TickType_t wait);
