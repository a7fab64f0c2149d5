#include "invocation.h"
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "invoke") == 0) {
    json_error_t error;
    json_t *spec = json_loads(argv[2], 0, &error);
    if (!spec) return 2;
    json_t *result = gcb_invocation(spec);
    json_dumpf(result, stdout, JSON_INDENT(1));
    json_decref(result);
    json_decref(spec);
    return 0;
  }
  return 2;
}
