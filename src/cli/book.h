/* Book: which stages are done, kept as stages.json in the output folder: a stage's key, and the size and time of each
 * file that it wrote. A stage is current while its key is the same and its files are as it left them. */
#ifndef CAUDA_CLI_BOOK_H
#define CAUDA_CLI_BOOK_H

#include "cauda/base.h"

typedef struct Book Book;

/* book_open: an empty book where the folder has none that can be read. */
PetscErrorCode book_open(const char *folder, Book **out) CAUDA_CHECKED;
void book_close(Book **b);

bool book_has(const Book *b, const char *stage);
bool book_is_current(const Book *b, const char *stage, const char *key);

/* book_record: notes a stage that has just ended well, and writes the book. outputs: names in the folder, NULL-ended. */
PetscErrorCode book_record(Book *b, const char *stage, const char *key, const char *const *outputs) CAUDA_CHECKED;
/* book_record_again: the same key, for outputs that were made anew. */
PetscErrorCode book_record_again(Book *b, const char *stage, const char *const *outputs) CAUDA_CHECKED;
void book_drop(Book *b, const char *stage);

#endif
