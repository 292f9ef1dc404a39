/* Arrays of numbers as text. */
#include "scene_pack.h"

#include <stdlib.h>
#include <zlib.h>

void pack_base64(const unsigned char *b, size_t n, char *out)
{
  static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < n; i += 3) {
    uint32_t three = (uint32_t)b[i] << 16;
    if (i + 1 < n) three |= (uint32_t)b[i + 1] << 8;
    if (i + 2 < n) three |= (uint32_t)b[i + 2];
    *out++ = digit[three >> 18];
    *out++ = digit[three >> 12 & 63];
    *out++ = i + 1 < n ? digit[three >> 6 & 63] : '=';
    *out++ = i + 2 < n ? digit[three & 63] : '=';
  }
  *out = '\0';
}

static PetscErrorCode compress_text(const void *v, size_t size, unsigned char *bytes, uLongf room, char **text)
{
  int status = compress2(bytes, &room, v, size, Z_BEST_COMPRESSION);
  PetscCheck(status == Z_OK, PETSC_COMM_SELF, PETSC_ERR_LIB, "zlib could not compress %zu bytes (status %d)", size,
             status);
  PetscCall(mem_alloc(4 * ((room + 2) / 3) + 1, 1, text));
  pack_base64(bytes, room, *text);
  return 0;
}

static PetscErrorCode pack(const char *type, const void *v, size_t n, size_t width, json_object **out)
{
  unsigned char *bytes;
  char *text = NULL;
  const uLongf room = compressBound(n * width);
  PetscCall(mem_alloc(room, 1, &bytes));
  PetscErrorCode ierr = compress_text(v, n * width, bytes, room, &text);
  free(bytes);
  PetscCall(ierr);
  *out = json_object_new_object();
  json_object_object_add(*out, "type", json_object_new_string(type));
  json_object_object_add(*out, "n", json_object_new_int64((int64_t)n));
  json_object_object_add(*out, "z", json_object_new_string(text));
  free(text);
  return 0;
}

PetscErrorCode pack_f32(const float *v, size_t n, json_object **out) { return pack("f32", v, n, sizeof *v, out); }
PetscErrorCode pack_u8(const unsigned char *v, size_t n, json_object **out) { return pack("u8", v, n, 1, out); }

/* Neighbours are much alike: their differences, and the two bytes of each apart, take a third less. */
PetscErrorCode pack_u16(const uint16_t *v, size_t n, json_object **out)
{
  unsigned char *bytes;
  PetscCall(mem_alloc(n ? n : 1, 2, &bytes));
  for (size_t i = 0; i < n; i++) {
    const uint16_t d = (uint16_t)(v[i] - (i ? v[i - 1] : 0));
    bytes[i] = (unsigned char)(d & 255), bytes[n + i] = (unsigned char)(d >> 8);
  }
  PetscErrorCode ierr = pack("u16", bytes, n, 2, out);
  free(bytes);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode pack_u32(const uint32_t *v, size_t n, json_object **out) { return pack("u32", v, n, sizeof *v, out); }
