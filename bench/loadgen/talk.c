/* All meters of a thread: they connect, they publish, they wait for the last PUBACK. */
#include "loadgen.h"
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

enum { EVENTS_AT_ONCE = 256, CONNECT_PATIENCE_S = 30, PING_EVERY_S = 20, DRAIN_S = 10 };

static void hear_all(Worker *worker, int timeout_ms, void (*then)(Worker *, Meter *, uint64_t)) {
  struct epoll_event events[EVENTS_AT_ONCE];
  int n = epoll_wait(worker->epoll, events, EVENTS_AT_ONCE, timeout_ms);
  uint64_t now = clock_ns(CLOCK_MONOTONIC);
  for (int k = 0; k < n; k++) {
    Meter *meter = events[k].data.ptr;
    if (meter->state != GONE && (events[k].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read_in(worker, meter, now);
    if (meter->state != GONE) then(worker, meter, now);
  }
}

static void only_write(Worker *worker, Meter *meter, uint64_t now) {
  (void)now;
  write_out(worker, meter);
}

static void publish_all(Worker *worker, Meter *meter, uint64_t now) {
  while (publish(worker, meter, now));
  write_out(worker, meter);
}

/* Reading k of meter m is due at (k * meters + m) / rate, whether or not its window has room by then. */
static void publish_owed(Worker *worker, Meter *meter, uint64_t now) {
  (void)now;
  while (meter->owed > 0) {
    double index = (double)meter->published * options.meters + meter->number;
    if (!publish(worker, meter, worker->began_ns + (uint64_t)(index / options.rate * 1e9))) break;
    meter->owed--;
  }
  write_out(worker, meter);
}

static void owe_what_is_due(Worker *worker, uint64_t now) {
  double index = (double)(now - worker->began_ns) / 1e9 * options.rate - worker->number;
  uint64_t due = index < 0 ? 0 : (uint64_t)(index / options.threads) + 1;
  for (; worker->due < due; worker->due++) {
    Meter *meter = &worker->meters[worker->due % (uint64_t)worker->meter_count];
    meter->owed++;
    publish_owed(worker, meter, now);
  }
}

static void ping_all(Worker *worker) {
  for (int k = 0; k < worker->meter_count; k++) ping(worker, &worker->meters[k]);
}

static int in_flight(const Worker *worker) {
  int sum = 0;
  for (int k = 0; k < worker->meter_count; k++)
    if (worker->meters[k].state == TALKING) sum += (int)worker->meters[k].in_flight;
  return sum;
}

static int is_exhausted(const Worker *worker) {
  for (int k = 0; k < worker->meter_count; k++)
    if (worker->meters[k].state == TALKING && has_more(&worker->meters[k])) return 0;
  return 1;
}

static int is_connected(const Worker *worker) {
  for (int k = 0; k < worker->meter_count; k++)
    if (worker->meters[k].state != TALKING) return 0;
  return 1;
}

void connect_all(Worker *worker) {
  uint64_t deadline = clock_ns(CLOCK_MONOTONIC) + CONNECT_PATIENCE_S * SECOND_NS;
  for (int k = 0; k < worker->meter_count; k++) open_meter(worker, &worker->meters[k], worker->number + k * options.threads);
  while (!is_connected(worker)) {
    hear_all(worker, 100, only_write);
    if (worker->problem || worker->open < worker->meter_count) give_up("a meter was refused");
    if (clock_ns(CLOCK_MONOTONIC) > deadline) give_up("meters are not answered");
  }
}

static void begin_to_count(Worker *worker, uint64_t now) {
  worker->warm_ns = now;
  worker->warm_acked = worker->acked;
  worker->latency_most_us = 0;
  memset(worker->histogram, 0, sizeof worker->histogram);
}

void talk(Worker *worker) {
  uint64_t now = worker->began_ns, pinged = now, warm = now + (uint64_t)(options.warm_up_seconds * 1e9);
  uint64_t end = warm + (uint64_t)(options.seconds * 1e9);
  worker->warm_ns = now;
  if (options.rate == 0) for (int k = 0; k < worker->meter_count; k++) publish_all(worker, &worker->meters[k], now);
  while (worker->open > 0 && !(options.each || payloads ? is_exhausted(worker) : 0) && (options.each || now < end)) {
    hear_all(worker, options.rate > 0 ? 1 : 100, options.rate > 0 ? publish_owed : publish_all);
    now = clock_ns(CLOCK_MONOTONIC);
    if (now >= warm && worker->warm_ns < warm) begin_to_count(worker, now);
    if (options.rate > 0) owe_what_is_due(worker, now);
    if (now - pinged > PING_EVERY_S * SECOND_NS) {
      pinged = now;
      ping_all(worker);
    }
  }
  end = now + DRAIN_S * SECOND_NS;
  while (in_flight(worker) > 0 && now < end) {
    hear_all(worker, 100, only_write);
    now = clock_ns(CLOCK_MONOTONIC);
  }
  worker->drained = in_flight(worker) == 0;
}
