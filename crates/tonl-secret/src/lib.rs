//! Secrets that cannot be printed, where they come from and how they are renewed.
