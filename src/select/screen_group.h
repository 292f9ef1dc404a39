/* Fibres of the screen side by side, and the code for them by the width of the machine's registers. Private to
 * src/select. */
#ifndef CAUDA_SELECT_SCREEN_GROUP_H
#define CAUDA_SELECT_SCREEN_GROUP_H

#include "cauda/screen.h"

enum { GROUP = 16 };

typedef struct {
  int width;        /* nodes of the fibre that has most, made even; zeros fill the others */
  const float *row; /* [n_contact][width][GROUP] 1/mA */
} ScreenGroup;

typedef void (*ScreenPeaks)(const ScreenGroup *g, const SparseSet *set, int n, float *peak);
void screen_peaks_plain(const ScreenGroup *g, const SparseSet *set, int n, float *peak);
void screen_peaks_avx2(const ScreenGroup *g, const SparseSet *set, int n, float *peak);
void screen_peaks_avx512(const ScreenGroup *g, const SparseSet *set, int n, float *peak);

#endif
