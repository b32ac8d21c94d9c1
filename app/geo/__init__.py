"""Pure geometry: coordinate systems, village fences and the verdict on a fix. No I/O, no clock, no subject."""
