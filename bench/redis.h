/* The Redis server of this bench: on a free port of the loopback, in a process of its own. */
#ifndef REDIS_H
#define REDIS_H

/* Its port; started with the first call, stopped when the bench ends. 0: it cannot be had. */
int redis_port(void);

#endif
