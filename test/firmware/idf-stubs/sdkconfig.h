// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
// What sdkconfig.defaults makes of ESP-IDF's configuration; the compiler's command line says which chip.
#if defined(CONFIG_IDF_TARGET_ESP32)
#define CONFIG_IDF_TARGET "esp32"
#define CONFIG_ESP_CONSOLE_UART_DEFAULT 1
#elif defined(CONFIG_IDF_TARGET_ESP32S3)
#define CONFIG_IDF_TARGET "esp32s3"
#define CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG 1
#elif defined(CONFIG_IDF_TARGET_ESP32C3)
#define CONFIG_IDF_TARGET "esp32c3"
#define CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG 1
#endif
#define CONFIG_LWIP_SNTP_MAX_SERVERS 2
#ifndef CONFIG_JIRANI_FRONTEND_ADE7953
#define CONFIG_JIRANI_FRONTEND_ADC 1
#endif
#ifndef WITHOUT_GENERATION
#define CONFIG_JIRANI_HAS_GENERATION 1
#endif
