/* The fp32 multiply-add peak of this machine: independent fused multiply-adds in registers, as wide as the processor has them.
 * cc -O3 -march=native -pthread multiplyAddPeak.c, -DLANES=8 for registers of that many numbers; argument: threads. Answers every line on standard input with GFLOP/s of about 0.2 s. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(LANES)
/* asked for */
#elif defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif
/* Enough of them to hide the latency of one, few enough for the registers. */
#define CHAINS 12
#define ROUNDS 10000000L

typedef float vec __attribute__((vector_size(4 * LANES)));

static volatile float sink;

static void *work(void *unused) {
    vec a[CHAINS], scale = (vec){0} + 0.999999f, shift = (vec){0} + 1e-6f;
    for (int c = 0; c < CHAINS; c++) a[c] = (vec){0} + (float)c;
    for (long round = 0; round < ROUNDS; round++)
        for (int c = 0; c < CHAINS; c++) a[c] = a[c] * scale + shift;
    float sum = 0;
    for (int c = 0; c < CHAINS; c++) for (int i = 0; i < LANES; i++) sum += a[c][i];
    sink = sum;
    return unused;
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : 1;
    if (threads < 1 || threads > 256) return 2;
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        pthread_t ids[256];
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (int i = 0; i < threads; i++) if (pthread_create(&ids[i], NULL, work, NULL) != 0) return 1;
        for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
        clock_gettime(CLOCK_MONOTONIC, &end);
        double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
        printf("%.2f\n", 2e-9 * threads * ROUNDS * CHAINS * LANES / seconds);
        fflush(stdout);
    }
    return 0;
}
