"""Every process of an installation on one machine, started, watched and stopped as one."""
