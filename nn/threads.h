/* Loops over independent outputs, split over threads by OPENMP=1 (DESIGN 2.8): never the terms of one sum.
 *
 *     SPAE_THREADS(work)            work: how many elements the loop below goes over, altogether
 *     for (size_t i = 0; i < n; i++)
 *
 * Small work stays in one thread: starting the others takes a few microseconds, in which one thread goes over some
 * ten thousand elements.
 */
#ifndef SPAE_THREADS_H
#define SPAE_THREADS_H

#ifdef _OPENMP
#define SPAE_PRAGMA(text) _Pragma(#text)
#define SPAE_THREADS(work) SPAE_PRAGMA(omp parallel for if ((work) >= 32768))
#else
#define SPAE_THREADS(work)
#endif

#endif
