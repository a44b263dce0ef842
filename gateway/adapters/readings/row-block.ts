/** Rows per entry of `hour_block`; part of the file format, so it never changes. */
export const rowsPerBlock = 4096;
