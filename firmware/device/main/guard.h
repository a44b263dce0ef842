/** One lock for what both tasks touch: the meter and what it measures with. */
#pragma once
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"

namespace jirani {

class Lock {
 public:
  Lock() : handle_(xSemaphoreCreateMutexStatic(&room_)) {}
  void take() { xSemaphoreTake(handle_, portMAX_DELAY); }
  void give() { xSemaphoreGive(handle_); }

 private:
  StaticSemaphore_t room_;
  SemaphoreHandle_t handle_;
};

class Guard {
 public:
  explicit Guard(Lock &lock) : lock_(lock) { lock_.take(); }
  ~Guard() { lock_.give(); }
  Guard(const Guard &) = delete;
  Guard &operator=(const Guard &) = delete;

 private:
  Lock &lock_;
};

}  // namespace jirani
