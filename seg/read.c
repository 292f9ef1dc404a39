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

PetscErrorCode anatomy_read(const Case *c, const char *input, Anatomy **out)
{
  PetscCall(anatomy_create(out));
  PetscErrorCode ierr = read_source(c, input, *out);
  if (!ierr && c->anatomy.ventral_roots && !strcmp(c->anatomy.ventral_roots, "made")) ierr = roots_make_beside(*out);
  if (!ierr) ierr = anatomy_finish(*out);
  if (ierr) anatomy_destroy(out);
  return ierr;
}
