/* Loops over independent outputs, split over threads by OPENMP=1 (DESIGN 2.8): never the terms of one sum.
 *
 *     SPAE_THREADS(work)            work: how many elements the loop below goes over, altogether
 *     for (size_t i = 0; i < n; i++)
 * and SPAE_THREADS_ALL(work, ok), where each thread has its own bool ok, at last true if all are.
 *
 * Small work stays in one thread: starting the others takes a few microseconds, in which one thread goes over some
 * ten thousand elements.
 */
#ifndef SPAE_THREADS_H
#define SPAE_THREADS_H

#ifdef _OPENMP
#define SPAE_PRAGMA(text) _Pragma(#text)
#define SPAE_THREADS(work) SPAE_PRAGMA(omp parallel for if ((work) >= 32768))
#define SPAE_THREADS_ALL(work, ok) SPAE_PRAGMA(omp parallel for if ((work) >= 32768) reduction(&& : ok))
#else
#define SPAE_THREADS(work)
#define SPAE_THREADS_ALL(work, ok)
#endif

#endif
