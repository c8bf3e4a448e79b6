/** Exit codes of the program (sysexits.h). EX_CONFIG stands with the settings. */
export const exitUsage = 64;
export const exitUnavailable = 69;
export const exitSoftware = 70;
/** Somebody else has what is needed: try again later. */
export const exitTemporary = 75;
