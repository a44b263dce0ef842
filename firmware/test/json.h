/** Reads vectors.json for tests: enough of JSON for a file that is ours. */
#pragma once
#include <stdio.h>
#include <stdlib.h>

#include <map>
#include <string>
#include <vector>

struct Json {
  enum Kind { null, number, text, list, object } kind = null;
  std::string word;
  std::vector<Json> items;
  std::map<std::string, Json> fields;

  const Json &operator[](const char *name) const {
    static const Json nothing;
    const auto found = fields.find(name);
    return found == fields.end() ? nothing : found->second;
  }
  unsigned long long whole() const { return strtoull(word.c_str(), nullptr, 10); }
  long long signedWhole() const { return strtoll(word.c_str(), nullptr, 10); }
};

class JsonFile {
 public:
  static Json read(const std::string &path) {
    JsonFile file;
    FILE *from = fopen(path.c_str(), "r");
    if (from == nullptr) abort();
    for (int c; (c = fgetc(from)) != EOF;) file.text_ += static_cast<char>(c);
    fclose(from);
    return file.value();
  }

 private:
  char peek() {
    while (text_[at_] == ' ' || text_[at_] == '\n') at_++;
    return text_[at_];
  }
  bool accept(char c) {
    if (peek() != c) return false;
    at_++;
    return true;
  }
  std::string string() {
    std::string found;
    for (at_++; text_[at_] != '"'; at_++) found += text_[at_] == '\\' ? text_[++at_] : text_[at_];
    at_++;
    return found;
  }
  Json value() {
    Json found;
    if (peek() == '"') {
      found.kind = Json::text;
      found.word = string();
    } else if (accept('[')) {
      found.kind = Json::list;
      while (!accept(']')) {
        found.items.push_back(value());
        accept(',');
      }
    } else if (accept('{')) {
      found.kind = Json::object;
      while (!accept('}')) {
        peek();
        const std::string name = string();
        accept(':');
        found.fields[name] = value();
        accept(',');
      }
    } else {
      while (std::string(",]} \n").find(text_[at_]) == std::string::npos) found.word += text_[at_++];
      found.kind = found.word == "null" ? Json::null : Json::number;
    }
    return found;
  }

  std::string text_;
  size_t at_ = 0;
};
