/* The anatomy that a case names, from whichever source. */
#include <string.h>

#include "cauda/seg.h"
#include "roots_beside.h"

static PetscErrorCode read_source(const Case *c, const char *input, Anatomy *a)
{
  const CaseAnatomy *s = &c->anatomy;
  if (s->outlines) return anatomy_from_outlines(c, input, a);
  if (s->labels) return anatomy_from_labels(c, input, a);
  if (s->phantom) return anatomy_from_phantom(c, a);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
          "%s: the anatomy names no source, expected outlines, labels or phantom", c->path);
}

/* The shape grows outward; what lies around it, so far as it is an offset of it, goes along. */
static void widen_csf(double mm, Anatomy *a)
{
  const DistanceGrid *g = a->grid;
  const size_t n = (size_t)g->n[0] * (size_t)g->n[1] * (size_t)g->n[2];
  for (size_t i = 0; i < n; i++) g->d[i * (size_t)g->n_channel + (size_t)g->channel[TISSUE_CSF]] -= (float)mm;
}

PetscErrorCode anatomy_read(const Case *c, const char *input, Anatomy **out)
{
  PetscCall(anatomy_create(out));
  PetscErrorCode ierr = read_source(c, input, *out);
  if (!ierr && c->anatomy.ventral_roots && !strcmp(c->anatomy.ventral_roots, "made")) ierr = roots_make_beside(*out);
  if (!ierr && c->anatomy.csf_wider_mm != 0.0 && (*out)->grid->channel[TISSUE_CSF] >= 0)
    widen_csf(c->anatomy.csf_wider_mm, *out);
  if (!ierr) ierr = anatomy_finish(*out);
  if (ierr) anatomy_destroy(out);
  return ierr;
}
