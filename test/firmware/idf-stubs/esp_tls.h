// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
#include <sys/types.h>
#include "esp_err.h"
#define ESP_TLS_ERR_SSL_WANT_READ -0x6900
#define ESP_TLS_ERR_SSL_WANT_WRITE -0x6880
typedef enum { ESP_TLS_VER_ANY = 0, ESP_TLS_VER_TLS_1_2 = 1 } esp_tls_proto_ver_t;
typedef struct psk_key_hint {
  const uint8_t *key;
  const size_t key_size;
  const char *hint;
} psk_hint_key_t;
typedef struct esp_tls_cfg {
  bool non_block;
  int timeout_ms;
  const psk_hint_key_t *psk_hint_key;
  bool is_plain_tcp;
  const int *ciphersuites_list;
  esp_tls_proto_ver_t tls_version;
} esp_tls_cfg_t;
typedef struct esp_tls esp_tls_t;
extern "C" {
esp_tls_t *esp_tls_init(void);
int esp_tls_conn_new_async(const char *hostname, int hostlen, int port, const esp_tls_cfg_t *cfg, esp_tls_t *tls);
ssize_t esp_tls_conn_write(esp_tls_t *tls, const void *data, size_t datalen);
ssize_t esp_tls_conn_read(esp_tls_t *tls, void *data, size_t datalen);
int esp_tls_conn_destroy(esp_tls_t *tls);
}
