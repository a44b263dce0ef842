// A stand-in of our own for a header of ESP-IDF: names and types only (see README.md).
#pragma once
// lwIP's sockets are POSIX's.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
