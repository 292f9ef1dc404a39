/* Which file is to be compared with which. */
#include "seg_pairs.h"

#include "cauda/csv.h"

#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void seg_pairs_destroy(SegPairs *p)
{
  for (int i = 0; i < p->n; i++) seg_comparison_destroy(&p->pair[i].measures);
  free(p->pair);
  memset(p, 0, sizeof *p);
}

static PetscErrorCode is_folder(const char *path, bool *folder)
{
  struct stat st;
  PetscCheck(!stat(path, &st), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: no such file or folder", path);
  *folder = S_ISDIR(st.st_mode);
  return 0;
}

static bool is_image(const char *name)
{
  const size_t n = strlen(name);
  return (n > 4 && !strcmp(name + n - 4, ".nii")) || (n > 7 && !strcmp(name + n - 7, ".nii.gz"));
}

/* The value of a BIDS entity ("sub-") in a path, up to what ends it; "" where there is none. */
static void entity(const char *path, const char *key, char value[CAUDA_NAME_MAX])
{
  const char *at = path;
  value[0] = 0;
  while ((at = strstr(at, key))) {
    const bool begins = at == path || at[-1] == '/' || at[-1] == '_';
    at += strlen(key);
    if (!begins) continue;
    snprintf(value, CAUDA_NAME_MAX, "%.*s", (int)strcspn(at, "_/."), at);
    return;
  }
}

static PetscErrorCode add_pair(const char *name, const char *a, const char *b, const char *cord, SegPairs *p)
{
  PetscCall(mem_grow((size_t)p->n + 1, sizeof *p->pair, &p->room, &p->pair));
  SegPair *q = &p->pair[p->n];
  memset(q, 0, sizeof *q);
  PetscCall(path_join("", name, q->name));
  PetscCall(path_join("", a, q->a));
  PetscCall(path_join("", b, q->b));
  if (cord) PetscCall(path_join("", cord, q->cord));
  entity(name, "sub-", q->subject), entity(name, "ses-", q->session), entity(name, "site-", q->site);
  if (!q->subject[0]) snprintf(q->subject, sizeof q->subject, "%.*s", CAUDA_NAME_MAX - 1, name);
  p->n++;
  return 0;
}

/* ---- folders ---- */

static PetscErrorCode add_found(const char *a, const char *b, const char *cord, const char *relative, SegPairs *p)
{
  char in_a[CAUDA_PATH_MAX], in_b[CAUDA_PATH_MAX], in_cord[CAUDA_PATH_MAX];
  PetscCall(path_join(a, relative, in_a));
  PetscCall(path_join(b, relative, in_b));
  if (cord) PetscCall(path_join(cord, relative, in_cord));
  if (!file_exists(in_b)) {
    p->n_alone_a++;
    return 0;
  }
  return add_pair(relative, in_a, in_b, cord ? in_cord : NULL, p);
}

/* Walks `a`; without `p` only counts into *alone what `b` has not. */
static PetscErrorCode walk(const char *a, const char *b, const char *cord, SegPairs *p, int *alone)
{
  char root[CAUDA_PATH_MAX], other[CAUDA_PATH_MAX];
  PetscCall(path_join("", a, root));
  for (size_t n = strlen(root); n > 1 && root[n - 1] == '/'; n--) root[n - 1] = 0;
  char *const roots[] = {root, NULL};
  FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
  PetscErrorCode ierr = 0;
  PetscCheck(tree, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be listed", a);
  for (FTSENT *e = fts_read(tree); e && !ierr; e = fts_read(tree)) {
    if (e->fts_info != FTS_F || !is_image(e->fts_name)) continue;
    const char *relative = e->fts_path + strlen(root) + (strcmp(root, "/") != 0);
    if (p) {
      ierr = add_found(a, b, cord, relative, p);
      continue;
    }
    ierr = path_join(b, relative, other);
    *alone += !ierr && !file_exists(other);
  }
  fts_close(tree);
  return ierr;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const SegPair *)a)->name, ((const SegPair *)b)->name);
}

static PetscErrorCode find_in_folders(const char *a, const char *b, const char *cord, SegPairs *p)
{
  PetscCall(walk(a, b, cord, p, NULL));
  PetscCall(walk(b, a, NULL, NULL, &p->n_alone_b));
  PetscCheck(p->n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "no image (.nii, .nii.gz) has the same path in %s (%d images) and %s (%d); expected the same names", a,
             p->n_alone_a, b, p->n_alone_b);
  if (p->n_alone_a + p->n_alone_b)
    say_note("%d images only in %s and %d only in %s are left out", p->n_alone_a, a, p->n_alone_b, b);
  qsort(p->pair, (size_t)p->n, sizeof *p->pair, by_name);
  return 0;
}

/* ---- groups ---- */

static int column_or_none(const CsvTable *t, const char *name)
{
  for (int c = 0; c < t->n_column; c++)
    if (!strcmp(t->column[c], name)) return c;
  return -1;
}

static PetscErrorCode assign(const CsvTable *t, SegPair *q)
{
  int file, subject, row = 0;
  const int session = column_or_none(t, "session"), site = column_or_none(t, "site");
  PetscCall(csv_column(t, "file", &file));
  PetscCall(csv_column(t, "subject", &subject));
  while (row < t->n_row && strcmp(csv_text(t, row, file), q->name)) row++;
  PetscCheck(row < t->n_row, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: has no row for the file %s", t->path, q->name);
  snprintf(q->subject, sizeof q->subject, "%s", csv_text(t, row, subject));
  snprintf(q->session, sizeof q->session, "%s", session < 0 ? "" : csv_text(t, row, session));
  snprintf(q->site, sizeof q->site, "%s", site < 0 ? "" : csv_text(t, row, site));
  return 0;
}

static PetscErrorCode read_groups(const char *path, SegPairs *p)
{
  CsvTable *t = NULL;
  PetscErrorCode ierr = csv_read(path, &t);
  for (int i = 0; !ierr && i < p->n; i++) ierr = assign(t, &p->pair[i]);
  csv_destroy(&t);
  return ierr;
}

/* Images of several kinds would be taken for repeats of one. */
static void note_repeats(const SegPairs *p)
{
  int n = 0;
  const SegPair *one = NULL;
  for (int i = 0; i < p->n; i++)
    for (int j = 0; j < i; j++) {
      const SegPair *q = &p->pair[i], *r = &p->pair[j];
      if (strcmp(q->subject, r->subject) || strcmp(q->session, r->session) || strcmp(q->site, r->site)) continue;
      n++, one = q;
      break;
    }
  if (one)
    say_note(
        "%d images are further ones of the same subject, session and site (%s): their labels are taken for the same "
        "structures; compare one kind of image at a time, or name sessions in --groups",
        n, one->name);
}

static PetscErrorCode find(const char *a, const char *b, const char *cord, const char *groups, SegPairs *p)
{
  bool folder_a, folder_b, folder_cord = false;
  PetscCall(is_folder(a, &folder_a));
  PetscCall(is_folder(b, &folder_b));
  if (cord) PetscCall(is_folder(cord, &folder_cord));
  PetscCheck(folder_a == folder_b && (!cord || folder_cord == folder_a), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s, %s%s%s: found files and folders, expected one kind", a, b, cord ? ", " : "", cord ? cord : "");
  if (folder_a)
    PetscCall(find_in_folders(a, b, cord, p));
  else
    PetscCall(add_pair(strrchr(b, '/') ? strrchr(b, '/') + 1 : b, a, b, cord, p));
  if (groups) PetscCall(read_groups(groups, p));
  note_repeats(p);
  return 0;
}

PetscErrorCode seg_pairs_find(const char *a, const char *b, const char *cord, const char *groups, SegPairs *out)
{
  const PetscErrorCode ierr = find(a, b, cord, groups, out);
  if (ierr) seg_pairs_destroy(out);
  return ierr;
}
