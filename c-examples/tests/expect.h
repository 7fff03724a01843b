/* expect.h: counts what a test program checks, and says what does not hold. */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdio.h>

static unsigned long checks;
static unsigned long failures;

static inline void failed(const char *file, int line, const char *what, const char *how)
{
    failures++;
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, what, how);
}

#define EXPECT(condition)                                                                                    \
    do {                                                                                                     \
        checks++;                                                                                            \
        if (!(condition))                                                                                    \
            failed(__FILE__, __LINE__, #condition, "does not hold");                                         \
    } while (0)

/* The last line of a program, and what main() returns. */
static inline int report(const char *program)
{
    printf("%s: %lu checks, %lu failures\n", program, checks, failures);
    return failures == 0 ? 0 : 1;
}

#endif /* EXPECT_H */
