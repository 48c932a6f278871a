/*
** A VFS over the default one that knows what a disk would have kept: "power".
**
** What is written is there for readers at once, as in an operating system's cache, but on the disk
** only from the next sync of its file on. When the power is cut, power_vfs_restore() gives the
** directory the state of such a disk: each write since the last sync of its file is there, or not,
** sector by sector.
*/
#ifndef POWER_VFS_H
#define POWER_VFS_H

/* Registers the VFS; the result code of that. */
int power_vfs_register(void);

/* Forgets all files. The nth write, sync, truncation or deletion from here is when the power goes
** (0: never): it and all that follow fail. */
void power_vfs_start(int n);

/* Whether it has gone. */
int power_vfs_is_cut(void);

/* After the last connection has closed: writes every file as the disk has it. `chance` of 100 is
** how likely a sector that was not synced was written; the seed decides which ones. */
void power_vfs_restore(int chance, unsigned seed);

/* Syncs do nothing from here on: what a test of this must notice. */
void power_vfs_ignore_syncs(int is_ignoring);

#endif
