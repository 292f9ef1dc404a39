/* Scene_pack: arrays of numbers as text: {"type": "f32", "n": numbers, "z": base64 of their zlib stream}, little endian.
 * u16 are differences to the one before (the first: to 0), their low bytes, then their high bytes. Inside src/report/. */
#ifndef CAUDA_REPORT_SCENE_PACK_H
#define CAUDA_REPORT_SCENE_PACK_H

#include "cauda/base.h"

#include <json-c/json.h>

PetscErrorCode pack_f32(const float *v, size_t n, json_object **out) CAUDA_CHECKED;
PetscErrorCode pack_u8(const unsigned char *v, size_t n, json_object **out) CAUDA_CHECKED;
PetscErrorCode pack_u16(const uint16_t *v, size_t n, json_object **out) CAUDA_CHECKED;
PetscErrorCode pack_u32(const uint32_t *v, size_t n, json_object **out) CAUDA_CHECKED;

/* pack_base64: out has room for 4 * ((n + 2) / 3) + 1 bytes. */
void pack_base64(const unsigned char *bytes, size_t n, char *out);

#endif
