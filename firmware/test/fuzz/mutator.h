/** Inputs that are nearly right, from a seed: `fuzz_X [INPUTS] [SEED]` repeats a run exactly. */
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <random>
#include <string>
#include <vector>

namespace jirani {

constexpr unsigned long usualInputs = 100'000;

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  size_t below(size_t most) { return most == 0 ? 0 : random_() % most; }

  /** One of the good ones, damaged a little or a lot; seldom not at all, and seldom nothing but noise. */
  std::string next(const std::vector<std::string> &good) {
    std::string text = good[below(good.size())];
    if (below(50) == 0) text = std::string(below(200), 0);
    const size_t wounds = below(6);
    for (size_t k = 0; k < wounds; k++) wound(text, good);
    return text;
  }

 private:
  void wound(std::string &text, const std::vector<std::string> &good) {
    static const char interesting[] = "\"\\{}[]:,=-+0123456789eE./#\n\r\x7f\x80\xff";
    const size_t at = below(text.size() + 1), length = below(8);
    switch (below(7)) {
      case 0: text.insert(at, 1, static_cast<char>(random_())); break;
      case 1: text.insert(at, 1, interesting[below(sizeof interesting)]); break;
      case 2: text.erase(at, length); break;
      case 3: if (at < text.size()) text[at] = static_cast<char>(text[at] ^ 1 << below(8)); break;
      case 4: text.insert(at, text.substr(below(text.size() + 1), below(40))); break;
      case 5: text.resize(at); break;
      default: text += good[below(good.size())]; break;
    }
  }

  std::mt19937_64 random_;
};

/** Runs `one(mutator)` as often as the command line says. Sanitizers end the program; `false` is a finding too. */
template <typename One>
int fuzz(int argc, char **argv, const char *what, One one) {
  const unsigned long inputs = argc > 1 ? strtoul(argv[1], nullptr, 10) : usualInputs;
  const uint64_t seed = argc > 2 ? strtoull(argv[2], nullptr, 10) : std::random_device{}();
  printf("%s: %lu inputs of seed %llu\n", what, inputs, static_cast<unsigned long long>(seed));
  fflush(stdout);
  Mutator mutator(seed);
  for (unsigned long k = 0; k < inputs; k++) {
    if (one(mutator)) continue;
    printf("%s: input %lu is a finding\n", what, k);
    return 1;
  }
  printf("%s: clean\n", what);
  return 0;
}

}  // namespace jirani
