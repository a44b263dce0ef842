// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include "freertos/FreeRTOS.h"
typedef struct tskTaskControlBlock *TaskHandle_t;
typedef void (*TaskFunction_t)(void *arg);
extern "C" BaseType_t xTaskCreate(TaskFunction_t code, const char *name, uint32_t stack_depth, void *parameters,
                                  UBaseType_t priority, TaskHandle_t *created_task);
extern "C" void vTaskDelay(TickType_t ticks);
