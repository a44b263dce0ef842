// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "sdkconfig.h"
typedef int BaseType_t;
typedef unsigned int UBaseType_t;
typedef uint32_t TickType_t;
#define pdTRUE ((BaseType_t)1)
#define pdPASS ((BaseType_t)1)
#define portMAX_DELAY ((TickType_t)0xffffffffUL)
#define pdMS_TO_TICKS(ms) ((TickType_t)(ms))
typedef struct {
  uint32_t owner;
  uint32_t count;
} portMUX_TYPE;
#define portMUX_INITIALIZER_UNLOCKED {0, 0}
extern "C" void port_enter_stand_in(portMUX_TYPE *mux);
extern "C" void port_exit_stand_in(portMUX_TYPE *mux);
#define portENTER_CRITICAL(mux) port_enter_stand_in(mux)
#define portEXIT_CRITICAL(mux) port_exit_stand_in(mux)
#define portENTER_CRITICAL_ISR(mux) port_enter_stand_in(mux)
#define portEXIT_CRITICAL_ISR(mux) port_exit_stand_in(mux)
