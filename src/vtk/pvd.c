/* A collection of files as ParaView's .pvd: they open together, a block each. */
#include "cauda/vtk.h"

#include <libxml/xmlwriter.h>

static bool write_all(xmlTextWriterPtr w, int n, const char *const *file)
{
  bool good = xmlTextWriterSetIndent(w, 1) >= 0 && xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL) >= 0;
  good = good && xmlTextWriterStartElement(w, BAD_CAST "VTKFile") >= 0;
  good = good && xmlTextWriterWriteAttribute(w, BAD_CAST "type", BAD_CAST "Collection") >= 0;
  good = good && xmlTextWriterWriteAttribute(w, BAD_CAST "version", BAD_CAST "0.1") >= 0;
  good = good && xmlTextWriterStartElement(w, BAD_CAST "Collection") >= 0;
  for (int i = 0; good && i < n; i++) {
    good = xmlTextWriterStartElement(w, BAD_CAST "DataSet") >= 0;
    good = good && xmlTextWriterWriteAttribute(w, BAD_CAST "timestep", BAD_CAST "0") >= 0;
    good = good && xmlTextWriterWriteFormatAttribute(w, BAD_CAST "part", "%d", i) >= 0;
    good = good && xmlTextWriterWriteAttribute(w, BAD_CAST "name", BAD_CAST file[i]) >= 0;
    good = good && xmlTextWriterWriteAttribute(w, BAD_CAST "file", BAD_CAST file[i]) >= 0;
    good = good && xmlTextWriterEndElement(w) >= 0;
  }
  return good && xmlTextWriterEndDocument(w) >= 0;
}

typedef struct {
  int n;
  const char *const *file;
} Collection;

static PetscErrorCode put_collection(const void *what, FILE *s)
{
  const Collection *c = what;
  xmlBufferPtr text = xmlBufferCreate();
  xmlTextWriterPtr w = text ? xmlNewTextWriterMemory(text, 0) : NULL;
  bool good = w && write_all(w, c->n, c->file);
  xmlFreeTextWriter(w); /* before the buffer that it flushes into */
  if (good) fwrite(xmlBufferContent(text), 1, (size_t)xmlBufferLength(text), s);
  if (text) xmlBufferFree(text);
  PetscCheck(good, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for a list of %d files", c->n);
  return 0;
}

PetscErrorCode vtk_write_collection(const char *path, int n, const char *const *file)
{
  return file_write(path, put_collection, &(Collection){n, file});
}
