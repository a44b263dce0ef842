// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
extern "C" [[noreturn]] void esp_restart(void);
