/*
 * Meters at their busiest: N meters publish readings at QoS 1 over MQTT 3.1.1, each with up to W of them in
 * flight, to a broker on this machine. Readings are plausible to a hub that looks closely: sequence numbers go
 * up by one, time by one second, registers only grow. Prints one JSON document.
 *
 * Closed loop, the default: a meter publishes the next reading as soon as its window has room.
 * Open loop, --rate: every reading has a moment at which it is due, and its latency counts from there, so
 * that a stall of the broker is felt by all readings that it delays.
 */
#include "loadgen.h"
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

Options options = {.meters = 50, .window = 1, .threads = 1, .seconds = 2};
Text *payloads = NULL;
uint32_t payloads_each = 0;
static const char *payloads_file = NULL;
static pthread_barrier_t all_connected;
static uint64_t began_at_ms = 0;
static double cpu_seconds_before = 0;

uint64_t clock_ns(int which) {
  struct timespec t;
  clock_gettime(which, &t);
  return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

void give_up(const char *why) {
  fprintf(stderr, "loadgen: %s\n", why);
  exit(2);
}

void *room_for(uint64_t count, uint64_t size) {
  void *room = calloc(count, size);
  if (room == NULL) give_up("no memory");
  return room;
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void *work(void *given) {
  Worker *worker = given;
  worker->epoll = epoll_create1(0);
  worker->meters = room_for((size_t)worker->meter_count, sizeof(Meter));
  connect_all(worker);
  if (pthread_barrier_wait(&all_connected) == PTHREAD_BARRIER_SERIAL_THREAD) {
    cpu_seconds_before = cpu_seconds();
    began_at_ms = clock_ns(CLOCK_REALTIME) / 1000000;
  }
  pthread_barrier_wait(&all_connected);
  worker->began_ns = clock_ns(CLOCK_MONOTONIC);
  talk(worker);
  return NULL;
}

/* The file holds two u32, meters and payloads of each; then, meter by meter, u16 length and bytes. */
static void map_payloads(const char *name) {
  int fd = open(name, O_RDONLY);
  struct stat about;
  if (fd < 0 || fstat(fd, &about)) give_up("no such file of payloads");
  const uint8_t *at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (at == MAP_FAILED) give_up("the file of payloads cannot be read");
  uint32_t count;
  memcpy(&count, at, 4);
  memcpy(&payloads_each, at + 4, 4);
  if ((int)count < options.meters) give_up("the file holds payloads of fewer meters");
  at += 8;
  payloads = room_for((size_t)count * payloads_each, sizeof(Text));
  for (size_t k = 0; k < (size_t)count * payloads_each; k++) {
    uint16_t length;
    memcpy(&length, at, 2);
    payloads[k] = (Text){at + 2, length};
    at += 2 + length;
  }
}

static void read_options(int count, char **words) {
  static const struct option known[] = {
    {"port", 1, 0, 'p'}, {"meters", 1, 0, 'n'}, {"window", 1, 0, 'w'}, {"seconds", 1, 0, 'd'}, {"each", 1, 0, 'c'},
    {"rate", 1, 0, 'r'}, {"warm-up", 1, 0, 'W'}, {"threads", 1, 0, 'j'}, {"acks", 1, 0, 'a'}, {"payloads", 1, 0, 'f'},
    {0, 0, 0, 0},
  };
  for (int o; (o = getopt_long(count, words, "", known, NULL)) != -1;) switch (o) {
    case 'p': options.port = atoi(optarg); break;
    case 'n': options.meters = atoi(optarg); break;
    case 'w': options.window = atoi(optarg); break;
    case 'd': options.seconds = atof(optarg); break;
    case 'c': options.each = (uint32_t)atol(optarg); break;
    case 'r': options.rate = atof(optarg); break;
    case 'W': options.warm_up_seconds = atof(optarg); break;
    case 'j': options.threads = atoi(optarg); break;
    case 'a': options.acks_file = optarg; break;
    case 'f': payloads_file = optarg; break;
    default: exit(2);
  }
  if (options.port < 1 || options.port > 65535) give_up("--port is needed");
  if (options.meters < 1 || options.meters > METERS_MAX) give_up("--meters is 1 to 20000");
  if (options.window < 1 || options.window > WINDOW_MAX) give_up("--window is 1 to 4096");
  if (options.threads < 1 || options.threads > THREADS_MAX || options.threads > options.meters) give_up("--threads is 1 to 16");
  if (options.rate > 0 && options.meters % options.threads != 0) give_up("with --rate every thread has as many meters");
}

int main(int count, char **words) {
  read_options(count, words);
  setrlimit(RLIMIT_NOFILE, &(struct rlimit){METERS_MAX + 64, METERS_MAX + 64});
  signal(SIGPIPE, SIG_IGN);
  if (payloads_file) map_payloads(payloads_file);
  pthread_barrier_init(&all_connected, NULL, (unsigned)options.threads);
  pthread_t running[THREADS_MAX];
  Worker *workers = room_for((size_t)options.threads, sizeof(Worker));
  for (int k = 0; k < options.threads; k++) {
    workers[k].number = k;
    workers[k].meter_count = options.meters / options.threads + (k < options.meters % options.threads);
    if (pthread_create(&running[k], NULL, work, &workers[k])) give_up("no thread");
  }
  for (int k = 0; k < options.threads; k++) pthread_join(running[k], NULL);
  print_result(workers, began_at_ms, cpu_seconds() - cpu_seconds_before);
  if (options.acks_file) write_acks(workers);
  return 0;
}
