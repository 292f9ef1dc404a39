/* VTK XML files. libxml2 writes the elements, into memory; the compressed arrays, which are not text, go into the stream
 * after all elements that refer to them by their offsets. */
#include "vtk_xml.h"
#include "vtk_block.h"

#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

struct VtkFile {
  char path[CAUDA_PATH_MAX];
  xmlBuffer *text; /* what xml wrote and the file has not got yet */
  xmlTextWriter *xml;
  size_t n_block, capacity;
  VtkBlock *block;
  uint64_t offset; /* of the next block, from the first one */
};

static const struct {
  const char *name;
  size_t size;
} TYPES[] = {[VTK_FLOAT64] = {"Float64", 8}, [VTK_FLOAT32] = {"Float32", 4}, [VTK_INT32] = {"Int32", 4},
             [VTK_INT16] = {"Int16", 2},     [VTK_INT64] = {"Int64", 8},     [VTK_UINT8] = {"UInt8", 1}};

/* libxml2 returns a negative number where memory is short. */
static PetscErrorCode check(const VtkFile *f, int status)
{
  PetscCheck(status >= 0, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory to write %s", f->path);
  return 0;
}

static PetscErrorCode text_attribute(VtkFile *f, const char *name, const char *value)
{
  return check(f, xmlTextWriterWriteAttribute(f->xml, BAD_CAST name, BAD_CAST value));
}

PetscErrorCode vtk_begin(VtkFile *f, const char *element)
{
  return check(f, xmlTextWriterStartElement(f->xml, BAD_CAST element));
}

PetscErrorCode vtk_attribute(VtkFile *f, const char *name, int64_t value)
{
  return check(f, xmlTextWriterWriteFormatAttribute(f->xml, BAD_CAST name, "%" PRId64, value));
}

PetscErrorCode vtk_end(VtkFile *f) { return check(f, xmlTextWriterEndElement(f->xml)); }

/* ---- begin and end of the file ---------------------------------------------------------------------------- */

static PetscErrorCode open_text(const char *path, VtkFile *f)
{
  PetscCall(path_join("", path, f->path));
  f->text = xmlBufferCreate();
  f->xml = f->text ? xmlNewTextWriterMemory(f->text, 0) : NULL;
  PetscCall(check(f, f->xml ? 0 : -1));
  return 0;
}

/* Moves the text written so far to the stream; file_write() tells whether the stream took it all. */
static PetscErrorCode flush_text(VtkFile *f, FILE *s)
{
  PetscCall(check(f, xmlTextWriterFlush(f->xml)));
  fwrite(xmlBufferContent(f->text), 1, (size_t)xmlBufferLength(f->text), s);
  xmlBufferEmpty(f->text);
  return 0;
}

static PetscErrorCode write_head(VtkFile *f, const char *kind)
{
  PetscCall(check(f, xmlTextWriterStartDocument(f->xml, NULL, NULL, NULL)));
  PetscCall(check(f, xmlTextWriterSetIndent(f->xml, 1)));
  PetscCall(vtk_begin(f, "VTKFile"));
  PetscCall(text_attribute(f, "type", kind));
  PetscCall(text_attribute(f, "version", "1.0"));
  PetscCall(text_attribute(f, "byte_order", "LittleEndian"));
  PetscCall(text_attribute(f, "header_type", "UInt64"));
  PetscCall(text_attribute(f, "compressor", "vtkZLibDataCompressor"));
  PetscCall(vtk_begin(f, kind));
  return 0;
}

PetscErrorCode vtk_open(const char *path, const char *kind, VtkFile **out)
{
  VtkFile *f;
  *out = NULL;
  PetscCall(mem_alloc(1, sizeof *f, &f));
  PetscErrorCode code = open_text(path, f);
  if (!code) code = write_head(f, kind);
  if (code) vtk_abandon(&f);
  PetscCall(code);
  *out = f;
  return 0;
}

static PetscErrorCode write_blocks(VtkFile *f, FILE *s)
{
  PetscCall(vtk_begin(f, "AppendedData"));
  PetscCall(text_attribute(f, "encoding", "raw"));
  PetscCall(check(f, xmlTextWriterWriteString(f->xml, BAD_CAST "_")));
  PetscCall(flush_text(f, s));
  for (size_t i = 0; i < f->n_block; i++) fwrite(f->block[i].bytes, 1, f->block[i].size, s);
  PetscCall(vtk_end(f));
  return 0;
}

static PetscErrorCode put_file(const void *what, FILE *s)
{
  VtkFile *f = *(VtkFile *const *)what;
  PetscCall(vtk_end(f)); /* the kind's element */
  PetscCall(write_blocks(f, s));
  PetscCall(vtk_end(f));
  PetscCall(check(f, xmlTextWriterEndDocument(f->xml)));
  PetscCall(flush_text(f, s));
  return 0;
}

PetscErrorCode vtk_finish(VtkFile **f)
{
  PetscErrorCode code = file_write((*f)->path, put_file, f);
  vtk_abandon(f); /* what was written stays */
  PetscCall(code);
  return 0;
}

void vtk_abandon(VtkFile **file)
{
  VtkFile *f = *file;
  if (!f) return;
  xmlFreeTextWriter(f->xml); /* before the buffer that it flushes into */
  if (f->text) xmlBufferFree(f->text);
  for (size_t i = 0; i < f->n_block; i++) free(f->block[i].bytes);
  free(f->block), free(f);
  *file = NULL;
}

/* ---- arrays ----------------------------------------------------------------------------------------------- */

/* Compresses the data and completes the element that was begun for it. */
static PetscErrorCode append(VtkFile *f, const void *data, size_t size)
{
  PetscCall(mem_grow(f->n_block + 1, sizeof *f->block, &f->capacity, &f->block));
  PetscCall(vtk_compress(data, size, &f->block[f->n_block]));
  PetscCall(text_attribute(f, "format", "appended"));
  PetscCall(vtk_attribute(f, "offset", (int64_t)f->offset));
  f->offset += f->block[f->n_block++].size;
  PetscCall(vtk_end(f));
  return 0;
}

PetscErrorCode vtk_array(VtkFile *f, const VtkArray *a, size_t n)
{
  PetscCall(vtk_begin(f, "DataArray"));
  PetscCall(text_attribute(f, "type", TYPES[a->type].name));
  PetscCall(text_attribute(f, "Name", a->name));
  PetscCall(vtk_attribute(f, "NumberOfComponents", a->n_component));
  PetscCall(append(f, a->v, n * (size_t)a->n_component * TYPES[a->type].size));
  return 0;
}

PetscErrorCode vtk_arrays(VtkFile *f, const char *element, int n_array, const VtkArray *a, size_t n)
{
  PetscCall(vtk_begin(f, element));
  for (int i = 0; i < n_array; i++) PetscCall(vtk_array(f, &a[i], n));
  PetscCall(vtk_end(f));
  return 0;
}

/* Names are stored one after another, each with its closing zero. */
static PetscErrorCode write_names(VtkFile *f, const VtkNames *names)
{
  size_t size = 0, at = 0;
  char *all;
  for (int i = 0; i < names->n; i++) size += strlen(names->text[i]) + 1;
  PetscCall(mem_alloc(size, 1, &all));
  for (int i = 0; i < names->n; i++) {
    size_t n = strlen(names->text[i]) + 1;
    memcpy(all + at, names->text[i], n);
    at += n;
  }
  PetscErrorCode code = append(f, all, size);
  free(all);
  PetscCall(code);
  return 0;
}

PetscErrorCode vtk_names(VtkFile *f, int n_names, const VtkNames *names)
{
  PetscCall(vtk_begin(f, "FieldData"));
  for (int i = 0; i < n_names; i++) {
    PetscCall(vtk_begin(f, "Array"));
    PetscCall(text_attribute(f, "type", "String"));
    PetscCall(text_attribute(f, "Name", names[i].name));
    PetscCall(vtk_attribute(f, "NumberOfTuples", names[i].n));
    PetscCall(write_names(f, &names[i]));
  }
  PetscCall(vtk_end(f));
  return 0;
}
