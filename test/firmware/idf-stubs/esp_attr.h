// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#define IRAM_ATTR __attribute__((section(".iram1")))
