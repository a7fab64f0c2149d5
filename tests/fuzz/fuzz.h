/* Reads outside data in one way. In a normal build each file of corpus/NAME is read once, as a test; with
 * -DGCB_FUZZ=ON (Clang) libFuzzer makes up more of them.
 */
#ifndef GCB_TEST_FUZZ_H
#define GCB_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
