// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include <stdint.h>
typedef struct {
  uint32_t magic_word;
  uint32_t secure_version;
  char version[32];
  char project_name[32];
} esp_app_desc_t;
extern "C" const esp_app_desc_t *esp_app_get_description(void);
