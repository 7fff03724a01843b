/* short_writev.c: a writev() that takes less than it is given, as a socket may at any time. `make stream`
 * builds publish_writev a second time with it.
 *
 * It takes 1 to 3000 bytes, now and then none (EAGAIN, EINTR). Where it cuts depends on the length of the
 * first call alone, so that each message is cut in its own way, and always in the same.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

ssize_t short_writev(int fd, const struct iovec *v, int count);

ssize_t short_writev(int fd, const struct iovec *v, int count)
{
    static const uint32_t most[4] = {1, 7, 90, 3000};
    static uint32_t calls;
    static uint32_t state;
    struct iovec part[2];
    size_t room;
    int n;

    if (calls == 0)
        for (n = 0; n < count; n++)
            state += (uint32_t)v[n].iov_len;
    calls++;
    state = state * 1664525u + 1013904223u;
    if (calls % 16 == 0) {
        errno = calls % 32 == 0 ? EAGAIN : EINTR;
        return -1;
    }
    /* Slowly through the header; 3000 and thereabouts for most of the rest. */
    room = 1 + (state >> 8) % most[calls < 24 ? calls / 8 : 3];
    for (n = 0; n < count && n < 2 && room > 0; n++) {
        part[n] = v[n];
        if (part[n].iov_len > room)
            part[n].iov_len = room;
        room -= part[n].iov_len;
    }
    return writev(fd, part, n);
}
