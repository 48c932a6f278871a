/*
** A VFS over the default one whose calls fail when told: "faults".
*/
#ifndef FAULT_VFS_H
#define FAULT_VFS_H

typedef enum fault_kind {
  FAULT_READ,
  FAULT_WRITE,
  FAULT_FULL,
  FAULT_SYNC,
  FAULT_TRUNCATE,
  FAULT_SIZE,
  FAULT_LOCK,
  FAULT_BUSY,
  FAULT_OPEN,
  FAULT_DELETE,
  FAULT_ACCESS,
  FAULT_SHM_MAP,
  FAULT_SHM_LOCK,
  FAULT_KINDS
} fault_kind;

/* Registers the VFS; the result code of that. */
int fault_vfs_register(void);
/* From now on the nth call of this kind fails, once or from then on; 0: none does. */
void fault_vfs_arm(fault_kind kind, int n, int is_lasting);
/* How many calls have failed since it was armed. */
int fault_vfs_failures(void);
const char *fault_vfs_name(fault_kind kind);

#endif
