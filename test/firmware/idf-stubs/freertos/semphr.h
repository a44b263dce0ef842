// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include "freertos/queue.h"
typedef QueueHandle_t SemaphoreHandle_t;
typedef struct {
  void *room[20];
} StaticSemaphore_t;
extern "C" SemaphoreHandle_t xSemaphoreCreateMutexStatic(StaticSemaphore_t *buffer);
extern "C" BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t wait);
extern "C" BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore);
