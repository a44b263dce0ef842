// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
extern "C" void bootloader_random_enable(void);
extern "C" void bootloader_random_disable(void);
