/* Memory: one door for allocation, so that sizes cannot overflow and no failure goes unseen. */
#include "cauda/base.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Large arrays in large pages, where the system has them: random places in them are found several times as fast, and
 * getting them takes a fraction of the time. An advice: nothing depends on it. */
static void advise_large_pages(void *p, size_t bytes)
{
#ifdef MADV_HUGEPAGE
  const uintptr_t page = 2U << 20, begin = ((uintptr_t)p + page - 1) / page * page,
                  end = ((uintptr_t)p + bytes) / page * page;
  if (bytes >= 2 * page && end > begin) (void)madvise((void *)begin, end - begin, MADV_HUGEPAGE);
#else
  (void)p, (void)bytes;
#endif
}

void mem_give_back(void)
{
#ifdef M_MMAP_MAX
  const int large = 1 << 20;
  (void)mallopt(M_MMAP_MAX, 1 << 16);
  (void)mallopt(M_MMAP_THRESHOLD, large);
  (void)mallopt(M_TRIM_THRESHOLD, 4 * large);
#endif
}

PetscErrorCode mem_alloc(size_t count, size_t size, void *out)
{
  void *p = NULL;
  if (count && size) {
    p = calloc(count, size);
    PetscCheck(p, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory: %zu items of %zu bytes were asked for", count,
               size);
    advise_large_pages(p, count * size);
  }
  memcpy(out, &p, sizeof p);
  return 0;
}

PetscErrorCode mem_grow(size_t need, size_t size, size_t *capacity, void *array)
{
  void *p;
  memcpy(&p, array, sizeof p);
  if (need <= *capacity) return 0;
  size_t n = *capacity < 16 ? 16 : *capacity + *capacity / 2;
  if (n < need) n = need;
  p = reallocarray(p, n, size);
  PetscCheck(p, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory: %zu items of %zu bytes were asked for", n, size);
  advise_large_pages(p, n * size);
  *capacity = n;
  memcpy(array, &p, sizeof p);
  return 0;
}

PetscErrorCode text_copy(const char *s, char **out)
{
  PetscCall(mem_alloc(strlen(s) + 1, 1, out));
  strcpy(*out, s);
  return 0;
}
