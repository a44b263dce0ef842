/** Wi-Fi that is there at once, SNTP that knows this computer's time, pages by pipe, and TLS without its secrets. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <map>

#include "esp_http_server.h"
#include "esp_netif_sntp.h"
#include "esp_tls.h"
#include "esp_wifi.h"
#include "plug.h"

struct esp_tls {
  int descriptor = -1;
  /** Then errors come as they come from sockets. */
  bool isPlain = false;
};

namespace {

esp_event_handler_t happened;
std::mutex pagesMutex;
std::map<std::string, httpd_uri_t> pages;
std::string postBody, answerStatus;
size_t postAt = 0;

}  // namespace

extern "C" {

esp_event_base_t const IP_EVENT = "ip", WIFI_EVENT = "wifi";

esp_err_t esp_event_loop_create_default() { return ESP_OK; }
esp_err_t esp_event_handler_register(esp_event_base_t, int32_t, esp_event_handler_t handler, void *) {
  happened = handler;
  return ESP_OK;
}
esp_err_t esp_netif_init() { return ESP_OK; }
esp_netif_t *esp_netif_create_default_wifi_sta() { return reinterpret_cast<esp_netif_t *>(1); }
esp_netif_t *esp_netif_create_default_wifi_ap() { return reinterpret_cast<esp_netif_t *>(1); }
esp_err_t esp_netif_sntp_init(const esp_sntp_config_t *config) {
  timeval now;
  gettimeofday(&now, nullptr);
  config->sync_cb(&now);
  return ESP_OK;
}
esp_err_t esp_wifi_init(const wifi_init_config_t *) { return ESP_OK; }
esp_err_t esp_wifi_set_storage(wifi_storage_t) { return ESP_OK; }
esp_err_t esp_wifi_set_mode(wifi_mode_t) { return ESP_OK; }
esp_err_t esp_wifi_start() { return happened(nullptr, WIFI_EVENT, WIFI_EVENT_STA_START, nullptr), ESP_OK; }
esp_err_t esp_wifi_disconnect() { return ESP_OK; }
esp_err_t esp_wifi_set_config(wifi_interface_t which, wifi_config_t *config) {
  const auto *name = reinterpret_cast<const char *>(which == WIFI_IF_AP ? config->ap.ssid : config->sta.ssid);
  plug::tell("wifi %s %.32s", which == WIFI_IF_AP ? "opens" : "joins", name);
  return ESP_OK;
}
esp_err_t esp_wifi_connect() { return happened(nullptr, IP_EVENT, IP_EVENT_STA_GOT_IP, nullptr), ESP_OK; }

extern const char _binary_setup_page_html_start[];
const char _binary_setup_page_html_start[] = "the page";

esp_err_t httpd_start(httpd_handle_t *handle, const httpd_config_t *) { return *handle = &pages, ESP_OK; }
esp_err_t httpd_stop(httpd_handle_t) {
  const std::lock_guard<std::mutex> guard(pagesMutex);
  return pages.clear(), ESP_OK;
}
esp_err_t httpd_register_uri_handler(httpd_handle_t, const httpd_uri_t *uri) {
  const std::lock_guard<std::mutex> guard(pagesMutex);
  if (uri->method == HTTP_POST) pages[uri->uri] = *uri;
  return ESP_OK;
}
bool httpd_uri_match_wildcard(const char *, const char *, size_t) { return false; }
int httpd_req_recv(httpd_req_t *, char *bytes, size_t length) {
  const size_t part = postBody.copy(bytes, length, postAt);
  postAt += part;
  return static_cast<int>(part);
}
esp_err_t httpd_req_get_hdr_value_str(httpd_req_t *, const char *, char *, size_t) { return ESP_FAIL; }
esp_err_t httpd_resp_set_status(httpd_req_t *, const char *status) { return answerStatus = status, ESP_OK; }
esp_err_t httpd_resp_set_type(httpd_req_t *, const char *) { return ESP_OK; }
esp_err_t httpd_resp_set_hdr(httpd_req_t *, const char *, const char *) { return ESP_OK; }
esp_err_t httpd_resp_sendstr(httpd_req_t *, const char *text) { return plug::tell("answer %s: %s", answerStatus.c_str(), text), ESP_OK; }

esp_tls_t *esp_tls_init() { return new esp_tls; }
int esp_tls_conn_new_async(const char *host, int, int port, const esp_tls_cfg_t *config, esp_tls_t *tls) {
  if (tls->descriptor < 0) {
    const psk_hint_key_t *psk = config->psk_hint_key;
    if (!config->is_plain_tcp) plug::tell("tls as %s with %zu bytes of key", psk->hint, psk->key_size);
    tls->isPlain = config->is_plain_tcp;
    tls->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    fcntl(tls->descriptor, F_SETFL, O_NONBLOCK);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, host, &address.sin_addr);
    const int result = connect(tls->descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address);
    return result == 0 ? 1 : errno == EINPROGRESS ? 0 : -1;
  }
  pollfd wanted{tls->descriptor, POLLOUT, 0};
  if (poll(&wanted, 1, 0) <= 0) return 0;
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(tls->descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0 ? 1 : -1;
}
ssize_t esp_tls_conn_write(esp_tls_t *tls, const void *bytes, size_t length) {
  const ssize_t sent = send(tls->descriptor, bytes, length, MSG_NOSIGNAL);
  return sent < 0 && errno == EAGAIN && !tls->isPlain ? ESP_TLS_ERR_SSL_WANT_WRITE : sent;
}
ssize_t esp_tls_conn_read(esp_tls_t *tls, void *bytes, size_t length) {
  const ssize_t got = recv(tls->descriptor, bytes, length, 0);
  return got < 0 && errno == EAGAIN && !tls->isPlain ? ESP_TLS_ERR_SSL_WANT_READ : got;
}
int esp_tls_conn_destroy(esp_tls_t *tls) {
  if (tls->descriptor >= 0) close(tls->descriptor);
  delete tls;
  return 0;
}

}  // extern "C"

void plug::post(const std::string &path, const std::string &body) {
  httpd_uri_t page{};
  {
    const std::lock_guard<std::mutex> guard(pagesMutex);
    const auto found = pages.find(path);
    if (found == pages.end()) return tell("answer 404");
    page = found->second;
  }
  postBody = body;
  postAt = 0;
  httpd_req_t request{nullptr, HTTP_POST, body.size()};
  page.handler(&request);
}
