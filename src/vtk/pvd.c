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

PetscErrorCode vtk_write_collection(const char *path, int n, const char *const *file)
{
  OutFile f;
  PetscCall(file_begin(path, &f));
  xmlTextWriterPtr w = xmlNewTextWriterFilename(f.tmp, 0);
  bool good = w && write_all(w, n, file);
  if (w) xmlFreeTextWriter(w);
  if (!good) file_abort(&f);
  PetscCheck(good, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot be written", path);
  return file_commit(&f);
}
