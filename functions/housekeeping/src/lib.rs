//! On a schedule: sweeps, purges and the audit.
