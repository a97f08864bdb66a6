/* The C interface of nmperm: permute the columns of a score matrix so that an N:M pattern prunes little
 * magnitude.
 *
 * N:M sparsity keeps, in every row, at most N of each M consecutive columns. Which columns share a group of M
 * depends on their order; nmperm looks for the order under which the kept scores add up to most.
 *
 *   problem   a matrix of scores with a pattern      nmperm_problem_create()
 *   options   solver, limits, callbacks; may be null nmperm_options_create()
 *   result    the permutation and its figures        nmperm_solve()
 *
 * Errors. Functions that return int return NMPERM_OK or an error code; then nmperm_last_error() is one line
 * that says what is wrong, where, and what was expected, and no output argument has been changed. No C++
 * exception leaves a function, nothing is printed, no signal handler is installed, and the process is never
 * ended.
 *
 * Ownership. What a _create function or nmperm_solve() hands out is freed by the _free function of its type,
 * which also takes null. Arguments are copied; nothing keeps a pointer to the caller's memory after the call,
 * except for the callback, its user pointer and the cancellation of an options object. Strings and arrays
 * that a getter returns belong to the object and live as long as it.
 *
 * Threads. Different objects may be used from different threads at once; a problem, an options object that
 * nobody changes, and a result may also be shared. Searches that run at once do not influence each other's
 * results (only their speed). nmperm_cancellation_request() may be called from any thread and from a signal
 * handler.
 *
 * Units. Seconds of wall clock; magnitudes are sums of scores, added in double.
 */
#ifndef NMPERM_H
#define NMPERM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define NMPERM_API __attribute__((visibility("default")))
#else
#define NMPERM_API
#endif

/* The version of this interface: raised when a program built with an older header would no longer work.
 * Functions and constants are only added under the same number. */
#define NMPERM_INTERFACE_VERSION 1

/* NMPERM_INTERFACE_VERSION of the library that is loaded. */
NMPERM_API int nmperm_interface_version(void);
/* The version of the program, "0.1.0". */
NMPERM_API const char* nmperm_version(void);

/* What the functions return. The numbers are the exit codes of the command `nmperm`, and 3, which it has not.
 */
enum {
  NMPERM_OK = 0,
  NMPERM_ERROR_INTERNAL = 1, /* a defect of the library */
  NMPERM_ERROR_INPUT = 2,    /* an argument is not what was expected, or a solver refuses the problem */
  NMPERM_ERROR_OUT_OF_MEMORY = 3,
  NMPERM_ERROR_CHECK = 4 /* nmperm_check(): a figure is not what the permutation yields */
};

/* The last error of the calling thread; an empty string where there was none. Valid until the thread's next
 * call that fails. */
NMPERM_API const char* nmperm_last_error(void);

/* ---- problem
 * ---------------------------------------------------------------------------------------------------- */

/* Scores, pattern and segments. Never changes. */
typedef struct nmperm_problem nmperm_problem;

/* A matrix of floats in the caller's memory: element (r, c) is data[r * row_stride + c * column_stride],
 * strides in elements. Row-major without gaps: row_stride = columns, column_stride = 1. Strides may be
 * negative or zero. */
typedef struct nmperm_matrix {
  const float* data;
  int32_t rows, columns;
  ptrdiff_t row_stride, column_stride;
} nmperm_matrix;

/* Where nmperm_problem_create() takes the scores from. */
enum {
  NMPERM_SCORES = 0, /* the elements are the scores: finite, none below zero */
  NMPERM_WEIGHTS = 1 /* the elements are weights: the scores are their absolute values */
};

/* Copies the matrix once. Columns are what moves: the input channels of a linear weight [out, in], or of a
 * convolution weight [K, C, R, S] brought to K*R*S rows.
 *
 *   keep, group      the pattern N:M, 1 <= N < M <= 64; `columns` is a multiple of M
 *   segment_lengths  columns move only inside consecutive blocks of these lengths, multiples of M that add up
 * to `columns`; null where segment_count is 0: one block
 *
 * Cost: one pass over the matrix for the copy, a few more for the reference magnitudes; memory 4 * rows *
 * columns bytes (rows rounded up to a multiple of 16). */
NMPERM_API int nmperm_problem_create(const nmperm_matrix* matrix, int elements, int32_t keep, int32_t group,
                                     const int32_t* segment_lengths, size_t segment_count,
                                     nmperm_problem** problem);
NMPERM_API void nmperm_problem_free(nmperm_problem* problem);

/* ---- options
 * ---------------------------------------------------------------------------------------------------- */

/* How to search. */
typedef struct nmperm_options nmperm_options;

NMPERM_API int nmperm_options_create(nmperm_options** options);
NMPERM_API void nmperm_options_free(nmperm_options* options);

/* The solver's name ("auto" where none is set): one of nmperm_solver_name(). */
NMPERM_API int nmperm_options_set_solver(nmperm_options* options, const char* name);
/* An option of the solver, as `nmperm solvers NAME` lists them; null as value takes the default again.
 * Whether solver and value fit is checked by nmperm_solve(). */
NMPERM_API int nmperm_options_set(nmperm_options* options, const char* key, const char* value);
/* Wall clock of a search: 10 s where neither this nor an iteration limit is set. INFINITY: none. */
NMPERM_API int nmperm_options_set_time_limit(nmperm_options* options, double seconds);
/* Ends the search after so many iterations (the unit is the solver's). With the same seed and iteration limit
 * and without a time limit the result does not depend on clock or threads. */
NMPERM_API int nmperm_options_set_iteration_limit(nmperm_options* options, int64_t iterations);
/* Ends the search when (bound - kept) / (total - kept) is at most this (0). */
NMPERM_API int nmperm_options_set_gap_limit(nmperm_options* options, double gap);
/* Seed of all random choices (0). */
NMPERM_API int nmperm_options_set_seed(nmperm_options* options, uint64_t seed);
/* Threads of a search; 0: all processors (0). */
NMPERM_API int nmperm_options_set_threads(nmperm_options* options, int32_t threads);
/* The permutation to begin with (see nmperm_result_permutation()); the result is never worse. Null takes it
 * back. */
NMPERM_API int nmperm_options_set_start(nmperm_options* options, const int32_t* permutation, int32_t columns);

/* An improvement of incumbent or bound. */
typedef struct nmperm_progress {
  double seconds;     /* since the search began */
  double kept;        /* kept magnitude of the best permutation so far */
  double bound;       /* no permutation keeps more; NAN where no bound is known */
  const char* source; /* the solver, or the stage of `auto`, that found it; valid during the call */
} nmperm_progress;

/* Called on every improvement, from one thread at a time, which may be another than the one that called
 * nmperm_solve(); the search waits for it. A value other than 0 ends the search as
 * nmperm_cancellation_request() does; where the options have a cancellation, that is requested. Must not
 * throw. */
typedef int (*nmperm_progress_callback)(const nmperm_progress* progress, void* user);
/* Null as callback: none. */
NMPERM_API int nmperm_options_set_progress(nmperm_options* options, nmperm_progress_callback callback,
                                           void* user);

/* A request to end searches, shared by any number of them. */
typedef struct nmperm_cancellation nmperm_cancellation;

NMPERM_API int nmperm_cancellation_create(nmperm_cancellation** cancellation);
/* Not before the searches that use it have returned. */
NMPERM_API void nmperm_cancellation_free(nmperm_cancellation* cancellation);
/* Ends the searches that use it, present and future: they return NMPERM_OK with the best permutation so far
 * and NMPERM_STATUS_INTERRUPTED. From any thread, or a signal handler. Null does nothing. */
NMPERM_API void nmperm_cancellation_request(nmperm_cancellation* cancellation);
/* Searches that use these options end when this is requested; null: none. The options keep the pointer. */
NMPERM_API int nmperm_options_set_cancellation(nmperm_options* options, nmperm_cancellation* cancellation);

/* Names of the solvers, "auto" first; null from index nmperm_solver_count() on. */
NMPERM_API size_t nmperm_solver_count(void);
NMPERM_API const char* nmperm_solver_name(size_t index);

/* ---- search
 * ----------------------------------------------------------------------------------------------------- */

/* The permutation that a search found, and its figures. Never changes. */
typedef struct nmperm_result nmperm_result;

/* Searches until the solver is done, a limit is reached, or the caller cancels; then *result is the best
 * permutation found. Null as options: `auto` for 10 s. NMPERM_ERROR_INPUT: unknown solver or option, a value
 * out of range, a start that is no permutation within the segments, or a solver that does not take this
 * problem. */
NMPERM_API int nmperm_solve(const nmperm_problem* problem, const nmperm_options* options,
                            nmperm_result** result);
NMPERM_API void nmperm_result_free(nmperm_result* result);

/* permutation[i] = the original column that stands at new position i; nmperm_result_columns() entries. */
NMPERM_API const int32_t* nmperm_result_permutation(const nmperm_result* result);
NMPERM_API int32_t nmperm_result_columns(const nmperm_result* result);

/* Why the search ended. */
enum {
  NMPERM_STATUS_OPTIMAL = 0,    /* a valid bound leaves a gap of at most 1e-6 */
  NMPERM_STATUS_FEASIBLE = 1,   /* the solver was done, or the iteration limit reached */
  NMPERM_STATUS_TIME_LIMIT = 2, /* time was up */
  NMPERM_STATUS_INTERRUPTED = 3 /* the caller cancelled */
};
NMPERM_API int nmperm_result_status(const nmperm_result* result);

/* Figures of a result. */
enum {
  NMPERM_TOTAL = 0,     /* sum of all scores */
  NMPERM_DEFAULT = 1,   /* kept magnitude of the identity */
  NMPERM_ROW_BOUND = 2, /* sum over rows of the largest columns*N/M scores: no permutation keeps more */
  NMPERM_KEPT = 3,      /* kept magnitude of the permutation */
  NMPERM_EFFICACY = 4,  /* 100 * (kept - default) / (row bound - default); NAN where default = row bound */
  NMPERM_BOUND = 5,     /* no permutation keeps more; NAN where no valid bound was found */
  NMPERM_GAP = 6,       /* (bound - kept) / (total - kept), 0 where they meet; NAN without a bound */
  NMPERM_SECONDS = 7    /* wall clock of the search */
};
/* NAN where the library does not know the figure. */
NMPERM_API double nmperm_result_figure(const nmperm_result* result, int figure);

/* The solver that ran. */
NMPERM_API const char* nmperm_result_solver(const nmperm_result* result);
/* The method that proved the bound; null without a bound. */
NMPERM_API const char* nmperm_result_bound_method(const nmperm_result* result);

/* ---- what a permutation yields
 * ---------------------------------------------------------------------------------- */

/* Kept magnitude of any permutation within the problem's segments, from the scalar reference code. O(rows *
 * columns). */
NMPERM_API int nmperm_kept(const nmperm_problem* problem, const int32_t* permutation, int32_t columns,
                           double* kept);

/* Recomputes the kept magnitude of a permutation with the scalar reference code alone: NMPERM_ERROR_CHECK,
 * with both figures in the message, where it differs from `kept` by more than 1e-9 of it. */
NMPERM_API int nmperm_check(const nmperm_problem* problem, const int32_t* permutation, int32_t columns,
                            double kept);

/* How the columns of a mask are ordered. */
enum {
  NMPERM_PERMUTED_ORDER = 0, /* mask[r * columns + i] tells whether row r keeps column permutation[i] */
  NMPERM_ORIGINAL_ORDER = 1  /* mask[r * columns + c] tells whether row r keeps column c */
};
/* Fills `mask`, rows * columns bytes, with 1 where the pattern keeps the element under the permutation and
 * with 0 where it prunes it. Of equal scores in a group those further left in the permuted order are kept.
 * mask_size: the bytes at `mask`, which must be rows * columns. */
NMPERM_API int nmperm_mask(const nmperm_problem* problem, const int32_t* permutation, int32_t columns,
                           int order, uint8_t* mask, size_t mask_size);

#ifdef __cplusplus
}
#endif

#endif
